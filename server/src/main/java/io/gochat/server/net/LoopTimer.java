package io.gochat.server.net;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The deadlines of all connections of one event loop: one dense array swept once a second, instead of a timer and a
 * handler per connection (an int per connection against some 300 bytes). Confined to that event loop.
 */
public final class LoopTimer {
  private static final Logger log = LoggerFactory.getLogger(LoopTimer.class);

  private final LongSupplier monotonicMs;
  private @Nullable Timed[] entries = new @Nullable Timed[64];
  private int size;

  /** Reads its time, monotonic milliseconds, from {@code monotonicMs}. */
  public LoopTimer(LongSupplier monotonicMs) {
    this.monotonicMs = monotonicMs;
  }

  /** Monotonic milliseconds, as {@link Timed#onTick} gets them. */
  public long nowMs() {
    return monotonicMs.getAsLong();
  }

  /** Starts looking at {@code timed}; it must not be registered. */
  public void register(Timed timed) {
    assert timed.timerSlot() < 0 : "registered twice";
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, size * 2);
    }
    timed.timerSlot(size);
    entries[size++] = timed;
  }

  /** Stops looking at {@code timed}; without effect when it is not registered. */
  public void deregister(Timed timed) {
    int slot = timed.timerSlot();
    if (slot < 0) {
      return;
    }
    Timed last = entries[--size];
    entries[size] = null;
    if (last != null && last != timed) {
      entries[slot] = last;
      last.timerSlot(slot);
    }
    timed.timerSlot(-1);
  }

  /** For tests: how many are registered. */
  public int size() {
    return size;
  }

  /** One sweep; called about once a second. */
  public void tick() {
    long nowMs = nowMs();
    // Backwards: an entry that deregisters itself is replaced by one that was already looked at.
    for (int slot = size - 1; slot >= 0; slot--) {
      if (slot < size) {
        Timed timed = entries[slot];
        if (timed != null) {
          tick(timed, nowMs);
        }
      }
    }
  }

  private static void tick(Timed timed, long nowMs) {
    try {
      timed.onTick(nowMs);
    } catch (RuntimeException | Error e) {
      // One bad entry must not take the deadlines of all others with it.
      log.error("a deadline could not be looked at: {}", timed.getClass().getName(), e);
    }
  }
}
