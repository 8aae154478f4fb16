package io.gochat.bench.verify;

/**
 * Where the values of a run go: a room, or the inbox of a user. Immutable.
 *
 * @param isRoom a room; an inbox otherwise
 * @param id the room's or the user's id
 */
record Destination(boolean isRoom, long id) {
  static Destination room(long id) {
    return new Destination(true, id);
  }

  static Destination inbox(long userId) {
    return new Destination(false, userId);
  }

  /** The value in a text: its first word; what follows is filler that makes the texts of different length. */
  static String valueOf(String text) {
    int space = text.indexOf(' ');
    return space < 0 ? text : text.substring(0, space);
  }

  /** A text that carries {@code value} and about {@code fillerChars} more characters. */
  static String textOf(String value, int fillerChars) {
    return fillerChars == 0 ? value : value + " " + "x".repeat(fillerChars);
  }

  /** Its name in a history. */
  @Override
  public String toString() {
    return (isRoom ? "room " : "inbox ") + id;
  }
}
