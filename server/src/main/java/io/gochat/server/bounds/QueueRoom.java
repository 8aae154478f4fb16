package io.gochat.server.bounds;

import java.util.concurrent.atomic.AtomicLong;

/** Room for the writes that wait for a store: so many, of so many bytes. Thread-safe, lock-free. */
public final class QueueRoom {
  // Count in the upper 23 bits, bytes in the lower 40: both bounds for one atomic addition.
  private static final int COUNT_SHIFT = 40;
  private static final long ONE = 1L << COUNT_SHIFT;
  private static final long BYTES = ONE - 1;

  private final int mostWrites;
  private final long mostBytes;
  private final AtomicLong taken = new AtomicLong();

  /** For at most {@code mostWrites} writes of {@code mostBytes} bytes together. */
  public QueueRoom(int mostWrites, long mostBytes) {
    this.mostWrites = mostWrites;
    this.mostBytes = mostBytes;
  }

  /** Takes room for a write, to be given back with {@link #leave}; false: there is none. One write always fits. */
  public boolean enter(int bytes) {
    long cost = ONE + bytes;
    long after = taken.addAndGet(cost);
    if (after >>> COUNT_SHIFT > mostWrites || ((after & BYTES) > mostBytes && after != cost)) {
      taken.addAndGet(-cost);
      return false;
    }
    return true;
  }

  /** The write was answered. */
  public void leave(int bytes) {
    taken.addAndGet(-(ONE + bytes));
  }

  /** How many writes are there. */
  public int writes() {
    return (int) (taken.get() >>> COUNT_SHIFT);
  }

  /** For tests: of how many bytes they are. */
  long bytes() {
    return taken.get() & BYTES;
  }
}
