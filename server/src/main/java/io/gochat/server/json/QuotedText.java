package io.gochat.server.json;

import java.util.Locale;

/** Writes text as JSON strings that stand on one line, whatever is in it. Stateless. */
public final class QuotedText {
  private QuotedText() {}

  /** Adds {@code "key":"value"}. */
  public static void append(StringBuilder line, String key, String value) {
    line.append('"').append(key).append("\":\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        line.append('\\').append(c);
      } else if (c < 0x20 || c == 0x7F || Character.isSurrogate(c) || c == 0x2028 || c == 0x2029) {
        line.append(escaped(c));
      } else {
        line.append(c);
      }
    }
    line.append('"');
  }

  // Pairs of surrogates stay what they are, one half after the other.
  private static String escaped(char c) {
    return switch (c) {
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      default -> String.format(Locale.ROOT, "\\u%04x", (int) c);
    };
  }
}
