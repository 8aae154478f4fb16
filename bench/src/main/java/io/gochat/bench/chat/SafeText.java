package io.gochat.bench.chat;

/**
 * Makes other people's text harmless for a terminal: an escape sequence in a message must not move the cursor, change
 * the title, or write into the input. Stateless.
 */
final class SafeText {
  private static final char REPLACEMENT = '\uFFFD';

  private SafeText() {}

  /** The text on one line, with everything that a terminal might obey replaced. */
  static String of(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints().forEach(point -> {
      if (point == '\n') {
        safe.append(" ⏎ ");
      } else if (point == '\t') {
        safe.append("    ");
      } else if (isHarmful(point)) {
        safe.append(REPLACEMENT);
      } else {
        safe.appendCodePoint(point);
      }
    });
    return safe.toString();
  }

  /** Controls of C0 and C1, line separators, invisible format characters (they reorder text), lone surrogates. */
  private static boolean isHarmful(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED -> !isJoiner(point);
      default -> false;
    };
  }

  /** Emoji and some scripts are written with joiners; they move nothing. */
  private static boolean isJoiner(int point) {
    return point == 0x200C || point == 0x200D;
  }
}
