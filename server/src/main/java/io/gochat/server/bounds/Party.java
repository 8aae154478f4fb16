package io.gochat.server.bounds;

import java.util.concurrent.atomic.AtomicLongArray;

/** What one user, or one client address, holds of each pool. Thread-safe and lock-free. */
final class Party {
  private final AtomicLongArray held;

  /** How many holders it has; guarded by the map that it is in ({@link Parties}). */
  int holders = 1;

  Party(int pools) {
    this.held = new AtomicLongArray(pools);
  }

  /** Adds, unless that would be over {@code limit}. */
  boolean add(int pool, long bytes, long limit) {
    long before;
    do {
      before = held.get(pool);
      if (before + bytes > limit) {
        return false;
      }
    } while (!held.compareAndSet(pool, before, before + bytes));
    return true;
  }

  /** Adds, or with a negative number takes away. */
  void add(int pool, long bytes) {
    held.addAndGet(pool, bytes);
  }

  long held(int pool) {
    return held.get(pool);
  }
}
