package io.gochat.bench.crowd;

import java.util.Locale;

/** What a crowd does. Immutable. */
enum CrowdRow {
  /** A replay of large messages that nobody takes. */
  REPLAY(
      3_000, "512m", "connections join a room of 64 x 16 KB from its beginning and read nothing"),
  /** A replay of many small messages that nobody takes. */
  ROOM(
      1_400,
      "256m",
      "connections join a room of 10,000 x 200 B from its beginning and read nothing"),
  /** Large answers over HTTP. */
  HISTORY(400, "512m", "requests for a history of 18 x 16,000 control characters, unread"),
  /** Large answers over frames. */
  FETCH(1_000, "512m", "connections fetch 64 x 16 KB four times each and read nothing"),
  /** Requests that are never finished. */
  BODIES(5_000, "256m", "logins that lack the last of 102,400 bytes, nobody signed in"),
  /** Frames that are never finished. */
  FRAMES(4_500, "256m", "connections with 64 KB of an unfinished first frame"),
  /** Hashing, by somebody who knows the password. */
  LOGINS(300, "", "connections log in as one user, correctly, again and again"),
  /** Hashing, by whoever comes. */
  REGISTRATIONS(300, "", "connections register, again and again"),
  /** More than an inbox keeps. */
  INBOX(10_100, "", "direct messages to one user as fast as they can be sent");

  private final int size;
  private final String heap;
  private final String sentence;

  CrowdRow(int size, String heap, String sentence) {
    this.size = size;
    this.heap = heap;
    this.sentence = sentence;
  }

  /** How the user names it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** How many there are at full size; of {@link #INBOX} messages, of the others connections. */
  int size() {
    return size;
  }

  /** The {@code -Xmx} of the server; empty: the JVM's choice. */
  String heap() {
    return heap;
  }

  /** What {@code count} of them do. */
  String sentence(int count) {
    return String.format(Locale.ROOT, "%,d %s", count, sentence);
  }

  /** Whether its members read from the beginning. */
  boolean reads() {
    return switch (this) {
      case REPLAY, ROOM, HISTORY, FETCH -> false;
      case BODIES, FRAMES, LOGINS, REGISTRATIONS, INBOX -> true;
    };
  }

  /** Whether its crowd speaks frames, so that it may come over WebSocket as well. */
  boolean speaksFrames() {
    return switch (this) {
      case REPLAY, ROOM, FETCH, FRAMES -> true;
      case HISTORY, BODIES, LOGINS, REGISTRATIONS, INBOX -> false;
    };
  }

  /** Whether connections are what it is about: of {@link #INBOX} they are not. */
  boolean isOfConnections() {
    return this != INBOX;
  }

  /** Whether whoever is refused must be told so: a frame without a Hello may simply be closed. */
  boolean mustBeAnswered() {
    return this != FRAMES;
  }
}
