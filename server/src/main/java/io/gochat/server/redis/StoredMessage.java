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
 * protobuf. A field may stand anywhere in a protobuf message, so the reading node appends it. Stateless.
 */
final class StoredMessage {
  private static final int SEQ_TAG = Message.SEQ_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;

  private StoredMessage() {}

  static byte[] encode(Publication publication, long messageId, long createdAtMs) {
    io.gochat.protocol.Topic.Builder topic = io.gochat.protocol.Topic.newBuilder();
    Message.Builder message = Message.newBuilder()
        .setMessageId(messageId)
        .setFromUserId(publication.fromUserId())
        .setFromUserName(publication.fromUsername())
        .setToUserName(publication.toUsername())
        .setText(publication.text())
        .setCreatedAtMs(createdAtMs);
    long id = publication.topic().id();
    if (publication.topic().isInbox()) {
      message.setToUserId(id).setTopic(topic.setUserId(id));
    } else {
      message.setTopic(topic.setRoomId(id));
    }
    return message.build().toByteArray();
  }

  /** The message with its sequence, as everybody else sees it. */
  static LoggedMessage logged(byte[] stored, long seq) {
    int extra = 1 + CodedOutputStream.computeUInt64SizeNoTag(seq);
    byte[] bytes = Arrays.copyOf(stored, stored.length + extra);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, stored.length, extra);
    try {
      out.writeUInt32NoTag(SEQ_TAG);
      out.writeUInt64NoTag(seq);
    } catch (IOException e) {
      throw new IllegalStateException("the computed size of a sequence is wrong", e);
    }
    return new LoggedMessage(seq, messageId(stored), bytes);
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
