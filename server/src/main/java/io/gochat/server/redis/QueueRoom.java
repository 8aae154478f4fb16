package io.gochat.server.redis;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Room for the publishes that wait for Redis: so many, of so many bytes. Thread-safe; nothing blocks. */
final class QueueRoom {
  private final int mostWrites;
  private final long mostBytes;
  private final AtomicInteger writes = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  QueueRoom(int mostWrites, long mostBytes) {
    this.mostWrites = mostWrites;
    this.mostBytes = mostBytes;
  }

  /** Takes room for a write, to be given back with {@link #leave}; false: there is none. One write always fits. */
  boolean enter(int writeBytes) {
    if (writes.incrementAndGet() > mostWrites) {
      writes.decrementAndGet();
      return false;
    }
    long after = bytes.addAndGet(writeBytes);
    if (after > mostBytes && after != writeBytes) {
      leave(writeBytes);
      return false;
    }
    return true;
  }

  /** The write was answered. */
  void leave(int writeBytes) {
    bytes.addAndGet(-writeBytes);
    writes.decrementAndGet();
  }

  /** How many writes are there. */
  int writes() {
    return writes.get();
  }

  /** Of how many bytes they are. */
  long bytes() {
    return bytes.get();
  }
}
