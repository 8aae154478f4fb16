package io.gochat.server.redis;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.gochat.protocol.Message;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Publication;
import java.io.IOException;
import java.util.Arrays;

/**
 * Messages as Redis holds them: serialized, without their sequence, because the script that gives it out cannot write
 * protobuf. A field may stand anywhere in a protobuf message, so the reading node appends it. The same holds for the time:
 * that of Redis counts, and takes the place of what the publishing node took it for, which stands last. Stateless.
 */
final class StoredMessage {
  private static final int SEQ_TAG = Message.SEQ_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
  private static final int TIME_TAG =
      Message.CREATED_AT_MS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
  private static final int MAX_VARINT_BYTES = 10;

  private StoredMessage() {}

  static byte[] encode(Publication publication, long messageId, long createdAtMs) {
    io.gochat.protocol.Topic.Builder topic = io.gochat.protocol.Topic.newBuilder();
    Message.Builder message = Message.newBuilder()
        .setMessageId(messageId)
        .setFromUserId(publication.fromUserId())
        .setFromUserName(publication.fromUsername())
        .setToUserName(publication.toUsername())
        .setText(publication.text());
    long id = publication.topic().id();
    if (publication.topic().isInbox()) {
      message.setToUserId(id).setTopic(topic.setUserId(id));
    } else {
      message.setTopic(topic.setRoomId(id));
    }
    Message built = message.build();
    int length = built.getSerializedSize();
    byte[] bytes = new byte[length + sizeOf(createdAtMs)];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      built.writeTo(out);
      out.writeUInt32NoTag(TIME_TAG);
      out.writeUInt64NoTag(createdAtMs);
    } catch (IOException e) {
      throw new IllegalStateException("the computed size of a message is wrong", e);
    }
    return bytes;
  }

  private static int sizeOf(long number) {
    return 1 + CodedOutputStream.computeUInt64SizeNoTag(number);
  }

  /** The message with its sequence and time, as everybody else sees it. */
  static LoggedMessage logged(byte[] stored, long seq, long createdAtMs) {
    int start = withoutTime(stored);
    int extra = sizeOf(seq) + sizeOf(createdAtMs);
    byte[] bytes = Arrays.copyOf(stored, start + extra);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, start, extra);
    try {
      out.writeUInt32NoTag(SEQ_TAG);
      out.writeUInt64NoTag(seq);
      out.writeUInt32NoTag(TIME_TAG);
      out.writeUInt64NoTag(createdAtMs);
    } catch (IOException e) {
      throw new IllegalStateException("the computed size of a sequence is wrong", e);
    }
    return new LoggedMessage(seq, messageId(stored), bytes);
  }

  // The last field is found from behind: every byte of a number but its last has the highest bit,
  // a tag of one byte has not. Where it is another field, the one appended comes later and counts.
  private static int withoutTime(byte[] stored) {
    int at = stored.length - 1;
    if (at < 1 || stored[at] < 0) {
      return stored.length;
    }
    do {
      at--;
    } while (at > 0 && stored[at] < 0 && stored.length - at <= MAX_VARINT_BYTES);
    return stored[at] == TIME_TAG ? at : stored.length;
  }

  static long messageId(byte[] stored) {
    CodedInputStream in = CodedInputStream.newInstance(stored);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == Message.MESSAGE_ID_FIELD_NUMBER) {
          return in.readInt64();
        }
        in.skipField(tag);
      }
      return 0;
    } catch (IOException e) {
      throw new IllegalStateException("a stored message does not parse", e);
    }
  }
}
