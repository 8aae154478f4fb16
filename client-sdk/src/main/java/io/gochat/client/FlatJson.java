package io.gochat.client;

import java.util.HashMap;
import java.util.Map;

/**
 * Just the JSON of the two account calls: one object of strings and whole numbers. Small enough to spare every
 * application a JSON library. Confined to one thread.
 */
final class FlatJson {
  private final String text;
  private int at;

  private FlatJson(String text) {
    this.text = text;
  }

  /** An object of strings. */
  static String object(Map<String, String> fields) {
    StringBuilder out = new StringBuilder("{");
    fields.forEach((name, value) -> {
      if (out.length() > 1) {
        out.append(',');
      }
      quote(name, out);
      out.append(':');
      quote(value, out);
    });
    return out.append('}').toString();
  }

  /**
   * Reads an object whose values are strings, whole numbers, true, false or null; all as text.
   *
   * @throws IllegalArgumentException when it is anything else
   */
  static Map<String, String> parse(String text) {
    FlatJson json = new FlatJson(text);
    Map<String, String> fields = json.readObject();
    json.skipSpace();
    json.require(json.at == text.length());
    return fields;
  }

  private Map<String, String> readObject() {
    Map<String, String> fields = new HashMap<>();
    expect('{');
    skipSpace();
    if (peek() == '}') {
      at++;
      return fields;
    }
    do {
      skipSpace();
      String name = readString();
      expect(':');
      skipSpace();
      fields.put(name, peek() == '"' ? readString() : readWord());
      skipSpace();
    } while (next() == ',');
    require(text.charAt(at - 1) == '}');
    return fields;
  }

  private String readWord() {
    int start = at;
    while (at < text.length() && (Character.isLetterOrDigit(peek()) || peek() == '-')) {
      at++;
    }
    require(at > start);
    return text.substring(start, at);
  }

  private String readString() {
    expect('"');
    StringBuilder out = new StringBuilder();
    for (char c = next(); c != '"'; c = next()) {
      require(c >= ' ');
      out.append(c == '\\' ? readEscape() : c);
    }
    return out.toString();
  }

  private char readEscape() {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> readUnicode();
      default -> throw malformed();
    };
  }

  private char readUnicode() {
    require(at + 4 <= text.length());
    String digits = text.substring(at, at + 4);
    at += 4;
    return (char) Integer.parseUnsignedInt(digits, 16);
  }

  private void expect(char wanted) {
    skipSpace();
    require(next() == wanted);
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    require(at < text.length());
    return text.charAt(at);
  }

  private char next() {
    char c = peek();
    at++;
    return c;
  }

  private void require(boolean condition) {
    if (!condition) {
      throw malformed();
    }
  }

  private IllegalArgumentException malformed() {
    return new IllegalArgumentException("unexpected JSON at offset " + at);
  }

  private static void quote(String value, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }
}
