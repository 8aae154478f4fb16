package io.gochat.server.json;

import org.jspecify.annotations.Nullable;

/**
 * Looks at the bytes of a JSON text before the parser does, for what parsers let pass: sequences that are not UTF-8
 * (overlong forms, surrogates, beyond U+10FFFF), control characters (a NUL would make a parser guess UTF-16) and
 * {@code \}{@code ud800} escapes without their other half. Stateless; one pass, nothing allocated.
 */
public final class StrictText {
  private static final String NOT_UTF8 = "not valid UTF-8";
  private static final String LONE_SURROGATE = "a surrogate escape without its other half";

  private StrictText() {}

  /** What is wrong with the first {@code length} bytes, for people; null: nothing. */
  public static @Nullable String problemIn(byte[] bytes, int length) {
    if (length >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF) {
      return "a byte order mark";
    }
    int at = 0;
    while (at < length) {
      int first = bytes[at];
      if (first >= 0x20 && first != '\\') {
        at++;
      } else if (first < 0) {
        int size = sequenceSize(bytes, at, length);
        if (size == 0) {
          return NOT_UTF8;
        }
        at += size;
      } else if (first == '\\') {
        int size = escapeSize(bytes, at, length);
        if (size == 0) {
          return LONE_SURROGATE;
        }
        at += size;
      } else if (first == '\n' || first == '\r' || first == '\t') {
        at++;
      } else {
        return "a control character";
      }
    }
    return null;
  }

  /** The size of a well-formed multi-byte sequence (Unicode, table 3-7); 0: it is not one. */
  private static int sequenceSize(byte[] bytes, int at, int length) {
    int first = bytes[at] & 0xFF;
    int size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || at + size > length) {
      return 0;
    }
    int second = bytes[at + 1] & 0xFF;
    int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) {
      return 0;
    }
    for (int i = 2; i < size; i++) {
      if ((bytes[at + i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    return size;
  }

  /**
   * The size of an escape, a surrogate pair being one of 12 bytes; 0: half a pair. What is no escape at all is left to
   * the parser.
   */
  private static int escapeSize(byte[] bytes, int at, int length) {
    int unit = unitAt(bytes, at, length);
    if (unit < 0) {
      return Math.min(2, length - at);
    }
    if (Character.isHighSurrogate((char) unit)) {
      int next = unitAt(bytes, at + 6, length);
      return next >= 0 && Character.isLowSurrogate((char) next) ? 12 : 0;
    }
    return Character.isLowSurrogate((char) unit) ? 0 : 6;
  }

  /** The UTF-16 unit that a {@code \}{@code uXXXX} at this place stands for; -1: there is none. */
  private static int unitAt(byte[] bytes, int at, int length) {
    if (at + 6 > length || bytes[at] != '\\' || bytes[at + 1] != 'u') {
      return -1;
    }
    int unit = 0;
    for (int i = at + 2; i < at + 6; i++) {
      int digit = Character.digit((char) (bytes[i] & 0xFF), 16);
      if (digit < 0) {
        return -1;
      }
      unit = unit << 4 | digit;
    }
    return unit;
  }
}
