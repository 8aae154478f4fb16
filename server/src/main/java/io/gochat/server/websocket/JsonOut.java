package io.gochat.server.websocket;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Where JSON goes: into a buffer, or nowhere but into a count. The same calls say first how many bytes there will be and
 * then make them. Confined to one thread; the buffer stays the caller's.
 */
final class JsonOut {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Bytes for one byte of text: 1 as it is, 2 with a backslash, 6 as a number. */
  private static final byte[] ESCAPED = new byte[256];

  static {
    for (int value = 0; value < ESCAPED.length; value++) {
      ESCAPED[value] = (byte) (value < 0x20 ? 6 : 1);
    }
    for (char letter : "\b\t\n\f\r\"\\".toCharArray()) {
      ESCAPED[letter] = 2;
    }
  }

  private final @Nullable ByteBuf out;
  private int size;

  private JsonOut(@Nullable ByteBuf out) {
    this.out = out;
  }

  static JsonOut counting() {
    return new JsonOut(null);
  }

  static JsonOut into(ByteBuf out) {
    return new JsonOut(out);
  }

  /** Bytes so far. */
  int size() {
    return size;
  }

  /** Bytes that are JSON already. */
  void raw(byte[] json) {
    size += json.length;
    if (out != null) {
      out.writeBytes(json);
    }
  }

  void raw(char json) {
    size++;
    if (out != null) {
      out.writeByte(json);
    }
  }

  /** A number that is not negative. */
  void number(long value) {
    int digits = digits(value);
    size += digits;
    if (out != null) {
      int start = out.writerIndex();
      out.ensureWritable(digits);
      long rest = value;
      for (int at = start + digits - 1; at >= start; at--) {
        out.setByte(at, (int) ('0' + rest % 10));
        rest /= 10;
      }
      out.writerIndex(start + digits);
    }
  }

  private static int digits(long value) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  /** A string of valid UTF-8, in quotes. */
  void text(byte[] utf8, int from, int length) {
    int end = from + length;
    int escaped = 0;
    for (int at = from; at < end; at++) {
      escaped += ESCAPED[utf8[at] & 0xFF];
    }
    size += escaped + 2;
    if (out != null) {
      out.writeByte('"');
      if (escaped == length) {
        out.writeBytes(utf8, from, length);
      } else {
        escape(out, utf8, from, end);
      }
      out.writeByte('"');
    }
  }

  void text(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    text(utf8, 0, utf8.length);
  }

  private static void escape(ByteBuf out, byte[] utf8, int from, int end) {
    int plain = from;
    for (int at = from; at < end; at++) {
      int bytes = ESCAPED[utf8[at] & 0xFF];
      if (bytes > 1) {
        out.writeBytes(utf8, plain, at - plain);
        plain = at + 1;
        escape(out, utf8[at], bytes);
      }
    }
    out.writeBytes(utf8, plain, end - plain);
  }

  private static void escape(ByteBuf out, byte value, int bytes) {
    out.writeByte('\\');
    if (bytes == 2) {
      out.writeByte(letter(value));
      return;
    }
    out.writeByte('u').writeByte('0').writeByte('0');
    out.writeByte(HEX[value >>> 4]).writeByte(HEX[value & 0xF]);
  }

  private static int letter(byte value) {
    return switch (value) {
      case '\b' -> 'b';
      case '\t' -> 't';
      case '\n' -> 'n';
      case '\f' -> 'f';
      case '\r' -> 'r';
      default -> value;
    };
  }
}
