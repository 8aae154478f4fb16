package io.gochat.server.registry;

import org.jspecify.annotations.Nullable;

/**
 * What the chunks of one event loop take together, and who has some: a list, linked through them, whose first holds on
 * for longest. Confined to that event loop.
 */
final class HeldChunks {
  /** Who has chunks, in place in the list. Confined to the event loop; the fields are the list's. */
  abstract static class Part {
    private @Nullable Part before;
    private @Nullable Part after;
    private int bytes;

    /** Lets the oldest chunk go, and says so with {@link #holds}. */
    abstract void dropOldest();

    /** What it has said that its chunks take. */
    final int heldBytes() {
      return bytes;
    }
  }

  private final long maxBytes;
  private final LoopCounters counters;
  private @Nullable Part longest;
  private @Nullable Part shortest;

  HeldChunks(long maxBytes, LoopCounters counters) {
    this.maxBytes = maxBytes;
    this.counters = counters;
  }

  /** The chunks of {@code part} take {@code bytes} now. */
  void holds(Part part, int bytes) {
    int before = part.bytes;
    if (bytes != before) {
      counters.heldBytes += bytes - before;
      part.bytes = bytes;
      if (before == 0) {
        enter(part);
      } else if (bytes == 0) {
        leave(part);
      }
    }
  }

  private void enter(Part part) {
    part.before = shortest;
    part.after = null;
    if (shortest == null) {
      longest = part;
    } else {
      shortest.after = part;
    }
    shortest = part;
  }

  private void leave(Part part) {
    Part before = part.before;
    Part after = part.after;
    if (before == null) {
      longest = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      shortest = before;
    } else {
      after.before = before;
    }
    part.before = null;
    part.after = null;
  }

  /** Everybody there has what it is owed, up to what came just now: nobody there holds on. */
  void served(Part part) {
    if (part != shortest && part.bytes > 0) {
      leave(part);
      enter(part);
    }
  }

  /** Over the bound the oldest chunks go, first of those who have held on for longest; each goes once. */
  void bound() {
    while (counters.heldBytes > maxBytes && longest != null) {
      longest.dropOldest();
    }
  }
}
