package io.gochat.server.command;

/**
 * A message that has begun and not come whole: the room that it takes, and its deadline. Exists only meanwhile. Confined to
 * the connection's event loop.
 */
final class Unfinished {
  /** A message that has begun comes whole within this. */
  private static final int WITHIN_MS = 10_000;

  private final Waiting room;
  private int bytes;
  private int deadlineMs;

  Unfinished(Waiting room, int nowMs) {
    this.room = room;
    this.deadlineMs = nowMs + WITHIN_MS;
  }

  /** Takes room for the whole of it, all or nothing. */
  boolean fits(int wholeBytes) {
    int more = wholeBytes - bytes;
    if (more > 0 && !room.take(more)) {
      return false;
    }
    bytes = Math.max(bytes, wholeBytes);
    return true;
  }

  /** It has come, or will not. */
  void over() {
    room.give(bytes);
    bytes = 0;
  }

  boolean isLate(int nowMs) {
    return nowMs - deadlineMs >= 0;
  }

  /** Whether it keeps room from others: what is small has room of its own. */
  boolean holdsRoom() {
    return room.isCharged();
  }

  /** It was not read meanwhile; what keeps room from others has no more time for that. */
  void excuse(int nowMs) {
    if (!holdsRoom()) {
      deadlineMs = nowMs + WITHIN_MS;
    }
  }
}
