package io.gochat.server.bounds;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * At most so many events in a while, per key: a token bucket each, kept as the time at which it will be full again.
 * Thread-safe; one short lock. Memory is bounded: the buckets that were touched longest ago are forgotten first, and
 * full ones at once. Time is monotonic, so that a wall clock that jumps neither locks anybody out nor lets a crowd in.
 */
public final class RateLimit<K> {
  private static final double MINUTE_MS = 60_000;
  private static final double SECOND_MS = 1_000;

  private final double unitMs;
  private volatile double msPerEvent; // 0: no limit
  private volatile double burstMs;
  private final int maxKeys;
  private final LongSupplier monotonicMs;
  // In the order of the last touch. Value: when the bucket is full again.
  private final LinkedHashMap<K, Double> fullAtMs = new LinkedHashMap<>(16, 0.75f, true);

  private RateLimit(double unitMs, int events, int burst, int maxKeys, LongSupplier monotonicMs) {
    this.unitMs = unitMs;
    this.msPerEvent = events == 0 ? 0 : unitMs / events;
    this.burstMs = msPerEvent * burst;
    this.maxKeys = maxKeys;
    this.monotonicMs = monotonicMs;
  }

  /** {@code events} a minute, at once or spread; 0: no limit. Remembers at most {@code maxKeys} keys. */
  public static <K> RateLimit<K> perMinute(int events, int maxKeys, LongSupplier monotonicMs) {
    return new RateLimit<>(MINUTE_MS, events, events, maxKeys, monotonicMs);
  }

  /** {@code events} a second, and {@code burst} at once; 0 events: no limit. Remembers at most {@code maxKeys} keys. */
  public static <K> RateLimit<K> perSecond(
      int events, int burst, int maxKeys, LongSupplier monotonicMs) {
    return new RateLimit<>(SECOND_MS, events, burst, maxKeys, monotonicMs);
  }

  /** So many from now on, in the same while, and {@code burst} at once; what was taken before is forgotten if that changes anything. */
  public synchronized void become(int events, int burst) {
    double next = events == 0 ? 0 : unitMs / events;
    if (next != msPerEvent || next * burst != burstMs) {
      msPerEvent = next;
      burstMs = next * burst;
      fullAtMs.clear();
    }
  }

  /** How long until an event is allowed, in milliseconds; 0: now. Takes nothing. */
  public int waitMs(K key) {
    if (msPerEvent == 0) {
      return 0;
    }
    synchronized (this) {
      return wait(fullAtMs.get(key), monotonicMs.getAsLong());
    }
  }

  /** Takes one event if one is left; otherwise says how long until there is one, in milliseconds. */
  public int take(K key) {
    if (msPerEvent == 0) {
      return 0;
    }
    synchronized (this) {
      long nowMs = monotonicMs.getAsLong();
      forgetFull(nowMs);
      Double full = fullAtMs.get(key);
      int waitMs = wait(full, nowMs);
      if (waitMs == 0) {
        fullAtMs.put(key, Math.max((double) nowMs, full == null ? nowMs : full) + msPerEvent);
        if (fullAtMs.size() > maxKeys) {
          removeEldest();
        }
      }
      return waitMs;
    }
  }

  /** Returns what {@link #take} took. */
  public synchronized void giveBack(K key) {
    fullAtMs.computeIfPresent(key, (k, full) -> full - msPerEvent);
  }

  /** For tests: how many keys are remembered. */
  synchronized int size() {
    return fullAtMs.size();
  }

  // Empty when filling it takes the time of the whole
  // burst; there is one event as soon as less is missing.
  private int wait(@Nullable Double full, long nowMs) {
    if (full == null) {
      return 0;
    }
    double missing = full - nowMs + msPerEvent - burstMs;
    // A hair of rounding must not refuse the last event of a burst.
    return missing <= 0.5 ? 0 : (int) Math.ceil(missing);
  }

  // Two per event: as fast as keys come, twice as fast do they go.
  private void forgetFull(long nowMs) {
    Iterator<Map.Entry<K, Double>> eldest = fullAtMs.entrySet().iterator();
    for (int i = 0; i < 2 && eldest.hasNext(); i++) {
      if (eldest.next().getValue() <= nowMs) {
        eldest.remove();
      }
    }
  }

  private void removeEldest() {
    Iterator<Map.Entry<K, Double>> eldest = fullAtMs.entrySet().iterator();
    eldest.next();
    eldest.remove();
  }
}
