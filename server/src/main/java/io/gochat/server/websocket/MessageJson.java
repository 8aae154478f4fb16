package io.gochat.server.websocket;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import io.gochat.protocol.Message;
import io.gochat.protocol.Topic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A message of the log as JSON, straight from its serialized bytes: no object in between, because it is made for every
 * message that is delivered. Stateless.
 */
final class MessageJson {
  /** {@code ,"name":} by field number. */
  private static final byte[][] NAMES = names();

  private static final byte[] ROOM = ascii("{\"room_id\":");
  private static final byte[] USER = ascii("{\"user_id\":");
  private static final int VARINT = 0;
  private static final int LENGTH_DELIMITED = 2;

  private MessageJson() {}

  private static byte[][] names() {
    byte[][] names = new byte[Message.TO_USER_ID_FIELD_NUMBER + 1][];
    for (FieldDescriptor field : Message.getDescriptor().getFields()) {
      names[field.getNumber()] = ascii("\"" + field.getName() + "\":");
    }
    return names;
  }

  /** Writes the object. */
  static void write(byte[] message, JsonOut out) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      char before = '{';
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        int number = tag >>> 3;
        if (number >= NAMES.length) {
          in.skipField(tag); // of a later version
          continue;
        }
        out.raw(before);
        out.raw(NAMES[number]);
        writeValue(message, in, tag, out);
        before = ',';
      }
      if (before == '{') {
        out.raw('{');
      }
      out.raw('}');
    } catch (IOException e) {
      throw new UncheckedIOException("the log holds what is no message", e);
    }
  }

  private static void writeValue(byte[] message, CodedInputStream in, int tag, JsonOut out)
      throws IOException {
    switch (tag & 7) {
      case VARINT -> out.number(in.readUInt64());
      case LENGTH_DELIMITED -> {
        int length = in.readRawVarint32();
        if (tag >>> 3 == Message.TOPIC_FIELD_NUMBER) {
          writeTopic(in, length, out);
        } else {
          out.text(message, in.getTotalBytesRead(), length);
          in.skipRawBytes(length);
        }
      }
      default -> throw new IOException("an unexpected wire type");
    }
  }

  private static void writeTopic(CodedInputStream in, int length, JsonOut out) throws IOException {
    int limit = in.pushLimit(length);
    int tag = in.readTag();
    out.raw(tag >>> 3 == Topic.ROOM_ID_FIELD_NUMBER ? ROOM : USER);
    out.number(in.readUInt64());
    out.raw('}');
    in.skipRawBytes(in.getBytesUntilLimit());
    in.popLimit(limit);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
