package io.gochat.server.embedded;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.gochat.protocol.Message;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.Topic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes {@link Message} without building one: the committer makes each message once, and this is all it allocates for
 * it. Stateless.
 */
final class MessageCodec {
  /** Before each stored message; another value means another layout. */
  static final byte STORED_FORMAT = 1;

  private MessageCodec() {}

  static byte[] encode(
      Publication publication, byte[] text, long messageId, long seq, long createdAtMs) {
    Topic topic = publication.topic();
    byte[] from = publication.fromUsername().getBytes(StandardCharsets.UTF_8);
    byte[] to = publication.toUsername().getBytes(StandardCharsets.UTF_8);
    int topicSize = 1 + CodedOutputStream.computeInt64SizeNoTag(topic.id());
    long toUserId = topic.isInbox() ? topic.id() : 0;
    int size = varint(messageId)
        + 2
        + topicSize
        + varint(seq)
        + varint(publication.fromUserId())
        + bytes(from)
        + bytes(to)
        + bytes(text)
        + varint(createdAtMs)
        + varint(toUserId);
    byte[] target = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(target);
    try {
      putVarint(out, Message.MESSAGE_ID_FIELD_NUMBER, messageId);
      out.writeTag(Message.TOPIC_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(topicSize);
      putVarint(
          out,
          topic.isInbox()
              ? io.gochat.protocol.Topic.USER_ID_FIELD_NUMBER
              : io.gochat.protocol.Topic.ROOM_ID_FIELD_NUMBER,
          topic.id());
      putVarint(out, Message.SEQ_FIELD_NUMBER, seq);
      putVarint(out, Message.FROM_USER_ID_FIELD_NUMBER, publication.fromUserId());
      putBytes(out, Message.FROM_USER_NAME_FIELD_NUMBER, from);
      putBytes(out, Message.TO_USER_NAME_FIELD_NUMBER, to);
      putBytes(out, Message.TEXT_FIELD_NUMBER, text);
      putVarint(out, Message.CREATED_AT_MS_FIELD_NUMBER, createdAtMs);
      putVarint(out, Message.TO_USER_ID_FIELD_NUMBER, toUserId);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new IllegalStateException("the computed size of a message is wrong", e);
    }
    return target;
  }

  private static int varint(long value) {
    return value == 0 ? 0 : 1 + CodedOutputStream.computeInt64SizeNoTag(value);
  }

  private static int bytes(byte[] value) {
    return value.length == 0
        ? 0
        : 1 + CodedOutputStream.computeUInt32SizeNoTag(value.length) + value.length;
  }

  private static void putVarint(CodedOutputStream out, int field, long value) throws IOException {
    if (value != 0) {
      out.writeInt64(field, value);
    }
  }

  private static void putBytes(CodedOutputStream out, int field, byte[] value) throws IOException {
    if (value.length != 0) {
      out.writeByteArray(field, value);
    }
  }

  /** The stored message without its format byte. */
  static byte[] stored(byte[] value) throws UnreadableMessageException {
    if (value.length < 2 || value[0] != STORED_FORMAT) {
      throw new UnreadableMessageException("a stored message has an unknown format");
    }
    return Arrays.copyOfRange(value, 1, value.length);
  }

  static long messageId(byte[] message) throws UnreadableMessageException {
    return varintField(message, Message.MESSAGE_ID_FIELD_NUMBER);
  }

  static long createdAtMs(byte[] message) throws UnreadableMessageException {
    return varintField(message, Message.CREATED_AT_MS_FIELD_NUMBER);
  }

  /** The sender of a stored message; 0: it cannot be read. */
  static long fromUserId(byte[] value) {
    try {
      return varintField(stored(value), Message.FROM_USER_ID_FIELD_NUMBER);
    } catch (UnreadableMessageException e) {
      return 0;
    }
  }

  private static long varintField(byte[] message, int field) throws UnreadableMessageException {
    CodedInputStream in = CodedInputStream.newInstance(message);
    try {
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == field) {
          return in.readInt64();
        }
        in.skipField(tag);
      }
      return 0;
    } catch (IOException e) {
      throw new UnreadableMessageException("a stored message does not parse: " + e.getMessage());
    }
  }

  /** What is on disk is not what we wrote. */
  static final class UnreadableMessageException extends IOException {
    private static final long serialVersionUID = 1;

    UnreadableMessageException(String sentence) {
      super(sentence);
    }
  }
}
