package io.gochat.server.registry;

import org.jspecify.annotations.Nullable;

/**
 * What the chunks of one event loop take together, and which feeds have some: a list, linked through the feeds, of who
 * holds on for longest first. Confined to that event loop.
 */
final class HeldChunks {
  private final long maxBytes;
  private final LoopCounters counters;
  private @Nullable Feed longest;
  private @Nullable Feed shortest;

  HeldChunks(long maxBytes, LoopCounters counters) {
    this.maxBytes = maxBytes;
    this.counters = counters;
  }

  /** The feed's chunks take so many bytes more, or less. */
  void add(int bytes) {
    counters.heldBytes += bytes;
  }

  /** The feed has chunks, from now on. */
  void enter(Feed feed) {
    feed.heldBefore = shortest;
    feed.heldAfter = null;
    if (shortest == null) {
      longest = feed;
    } else {
      shortest.heldAfter = feed;
    }
    shortest = feed;
  }

  /** The feed, which had chunks, has none any more. */
  void leave(Feed feed) {
    Feed before = feed.heldBefore;
    Feed after = feed.heldAfter;
    if (before == null) {
      longest = after;
    } else {
      before.heldAfter = after;
    }
    if (after == null) {
      shortest = before;
    } else {
      after.heldBefore = before;
    }
    feed.heldBefore = null;
    feed.heldAfter = null;
  }

  /** Everybody in the feed has what it is owed, up to what came just now: nobody there holds on. */
  void served(Feed feed) {
    if (feed != shortest && feed.heldBytes() > 0) {
      leave(feed);
      enter(feed);
    }
  }

  /** Over the bound the oldest chunks go, first of those who have held on for longest; each goes once. */
  void bound() {
    while (counters.heldBytes > maxBytes && longest != null) {
      longest.dropOldest();
    }
  }
}
