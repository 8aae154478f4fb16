package io.gochat.bench.chat;

import io.gochat.protocol.Limits;
import java.util.Locale;

/** What a typed line asks for. Immutable. */
sealed interface Input {
  /** Say something in the room. */
  record Say(String text) implements Input {}

  /** A direct message to a user, by name. */
  record Direct(String username, String text) implements Input {}

  /** Go to a room; one listens to all rooms that one joined, and talks in the last. */
  record Join(long roomId) implements Input {}

  /** Leave the room that one talks in. */
  record Leave() implements Input {}

  /** Who is here. */
  record Who() implements Input {}

  /** The last messages of the room. */
  record History(int count) implements Input {}

  /** What can be typed. */
  record Help() implements Input {}

  /** End. */
  record Quit() implements Input {}

  /** An empty line. */
  record Nothing() implements Input {}

  /** Not understood; {@code why} is for people. */
  record Mistake(String why) implements Input {}

  /** Reads a line. */
  static Input parse(String line) {
    String typed = line.strip();
    if (typed.isEmpty()) {
      return new Nothing();
    }
    if (!typed.startsWith("/")) {
      return new Say(line.stripTrailing());
    }
    if (typed.startsWith("//")) {
      return new Say(typed.substring(1));
    }
    String[] words = typed.split("\\s+", 2);
    String rest = words.length > 1 ? words[1] : "";
    return switch (words[0].toLowerCase(Locale.ROOT)) {
      case "/msg" -> direct(rest);
      case "/join" -> join(rest);
      case "/leave" -> new Leave();
      case "/who" -> new Who();
      case "/history" -> history(rest);
      case "/help", "/?" -> new Help();
      case "/quit", "/exit" -> new Quit();
      default -> new Mistake("unknown command " + words[0] + "; /help lists them");
    };
  }

  private static Input direct(String rest) {
    // A name with blanks in it is written in quotes.
    int end = rest.startsWith("\"") ? rest.indexOf('"', 1) : rest.indexOf(' ');
    String name =
        end < 0 ? "" : rest.startsWith("\"") ? rest.substring(1, end) : rest.substring(0, end);
    String text = end < 0 ? "" : rest.substring(end + 1).strip();
    return name.isEmpty() || text.isEmpty()
        ? new Mistake("usage: /msg NAME TEXT")
        : new Direct(name, text);
  }

  private static Input join(String rest) {
    long room = number(rest);
    return Limits.isId(room) ? new Join(room) : new Mistake("usage: /join ROOM, a number from 1");
  }

  private static Input history(String rest) {
    long count = rest.isEmpty() ? 20 : number(rest);
    boolean fits = count > 0 && count <= Limits.MAX_FETCH;
    return fits
        ? new History((int) count)
        : new Mistake("usage: /history [1 … " + Limits.MAX_FETCH + "]");
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
