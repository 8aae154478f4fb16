package io.gochat.bench.load;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The text of a message: {@code ~ run(8) intended-ns(16) padding $}, hexadecimal, so that it is safe in JSON and its
 * age can be read without a table. Immutable.
 */
final class Stamp {
  /** The shortest text that holds a stamp. */
  static final int MIN_BYTES = 26;

  /** What {@link #read} answers for a text that is not of this run. */
  static final long FOREIGN = -1;

  /** What {@link #read} answers for a text of this run that was damaged. */
  static final long CORRUPT = -2;

  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int TIME_AT = 9;

  private final byte[] template;

  /** Texts of {@code textBytes} bytes for the run with this number. */
  Stamp(int run, int textBytes) {
    if (textBytes < MIN_BYTES) {
      throw new IllegalArgumentException("a text has at least " + MIN_BYTES + " bytes");
    }
    template = new byte[textBytes];
    Arrays.fill(template, (byte) '.');
    template[0] = '~';
    hex(run & 0xffff_ffffL, template, 1, 8);
    template[textBytes - 1] = '$';
  }

  /** Bytes of each text. */
  int length() {
    return template.length;
  }

  /** Writes the text of a message that is due at {@code intendedNs} to {@code out} from {@code at} on. */
  void write(long intendedNs, byte[] out, int at) {
    System.arraycopy(template, 0, out, at, template.length);
    hex(intendedNs, out, at + TIME_AT, 16);
  }

  /** When the message with this text was due; or {@link #FOREIGN}, {@link #CORRUPT}. */
  long read(byte[] in, int at, int length) {
    if (length < TIME_AT || !Arrays.equals(in, at, at + TIME_AT, template, 0, TIME_AT)) {
      return FOREIGN;
    }
    int rest = TIME_AT + 16;
    if (length != template.length
        || !Arrays.equals(in, at + rest, at + length, template, rest, template.length)) {
      return CORRUPT;
    }
    long value = 0;
    for (int i = at + TIME_AT; i < at + rest; i++) {
      int digit = in[i] <= '9' ? in[i] - '0' : in[i] - 'a' + 10;
      if (digit < 0 || digit > 15) {
        return CORRUPT;
      }
      value = value << 4 | digit;
    }
    return value;
  }

  private static void hex(long value, byte[] out, int at, int digits) {
    for (int i = at + digits - 1; i >= at; i--) {
      out[i] = DIGITS[(int) (value & 15)];
      value >>>= 4;
    }
  }
}
