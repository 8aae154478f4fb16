package io.gochat.bench.load;

import com.google.protobuf.MessageLite;
import io.gochat.protocol.Ack;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameHeader;
import io.gochat.protocol.frame.FrameStreams;

/** Frames from the client as bytes, header included. Stateless. */
final class ClientFrames {
  private static final int REQUEST_TAG = 1 << 3;
  private static final int PUBLISH_TAG = 5 << 3 | 2;
  private static final int TOPIC_TAG = 1 << 3 | 2;
  private static final int TEXT_TAG = 2 << 3 | 2;

  private ClientFrames() {}

  static byte[] hello(long requestId, String token) {
    return frame(ClientFrame.newBuilder()
        .setRequestId(requestId)
        .setHello(Hello.newBuilder().setToken(token).setClient("gochat-load/1"))
        .build());
  }

  static byte[] join(long requestId, long roomId) {
    return frame(ClientFrame.newBuilder()
        .setRequestId(requestId)
        .setJoin(Join.newBuilder().setRoomId(roomId))
        .build());
  }

  static byte[] ack(long requestId, long userId, long seq) {
    return frame(ClientFrame.newBuilder()
        .setRequestId(requestId)
        .setAck(Ack.newBuilder().setTopic(inbox(userId)).setSeq(seq))
        .build());
  }

  static byte[] ping() {
    return frame(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()).build());
  }

  static Topic room(long roomId) {
    return Topic.newBuilder().setRoomId(roomId).build();
  }

  static Topic inbox(long userId) {
    return Topic.newBuilder().setUserId(userId).build();
  }

  /**
   * A publish with its text left out.
   *
   * @return a template of the whole frame; {@link PublishTemplate#bytes} is written to in place
   */
  static PublishTemplate publish(Topic topic, int textBytes) {
    return new PublishTemplate(topic, textBytes);
  }

  private static byte[] frame(MessageLite message) {
    return FrameStreams.toBytes(message);
  }

  /** A publish to one topic whose request id and text change. Confined to one event loop. */
  static final class PublishTemplate {
    // Always five bytes, so that nothing behind it moves: a long form of a varint is legal.
    private static final int ID_BYTES = 5;
    private static final int ID_AT = 5;

    final byte[] bytes;
    final int textAt;

    private PublishTemplate(Topic topic, int textBytes) {
      byte[] topicBytes = topic.toByteArray();
      int publish =
          1 + size(topicBytes.length) + topicBytes.length + 1 + size(textBytes) + textBytes;
      int payload = 1 + ID_BYTES + 1 + size(publish) + publish;
      bytes = new byte[4 + payload];
      FrameHeader.write(payload, bytes, 0);
      bytes[4] = REQUEST_TAG;
      int at = ID_AT + ID_BYTES;
      bytes[at++] = (byte) PUBLISH_TAG;
      at = varint(publish, at);
      bytes[at++] = (byte) TOPIC_TAG;
      at = varint(topicBytes.length, at);
      System.arraycopy(topicBytes, 0, bytes, at, topicBytes.length);
      at += topicBytes.length;
      bytes[at++] = (byte) TEXT_TAG;
      textAt = varint(textBytes, at);
    }

    /** Puts in the request id, at most 2^31-1. */
    void requestId(int id) {
      for (int i = 0; i < ID_BYTES - 1; i++) {
        bytes[ID_AT + i] = (byte) (id >>> (7 * i) | 0x80);
      }
      bytes[ID_AT + ID_BYTES - 1] = (byte) (id >>> 28 & 0x7f);
    }

    private int varint(int value, int at) {
      int rest = value;
      while (rest > 0x7f) {
        bytes[at++] = (byte) (rest | 0x80);
        rest >>>= 7;
      }
      bytes[at++] = (byte) rest;
      return at;
    }

    private static int size(int value) {
      return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
  }
}
