package io.gochat.server.account;

import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * At most so many attempts per minute and key: a token bucket each, kept as the time at which it will be full again.
 * Thread-safe; one short lock, since each attempt costs a password hash anyway. Memory is bounded: the buckets that
 * were touched longest ago are forgotten first, and full ones at once.
 */
final class AttemptLimit<K> {
  private static final long MINUTE_MS = 60_000;

  private final double perMinute;
  private final int maxKeys;
  private final InstantSource clock;
  // In the order of the last touch. Value: when the bucket is full again, Unix time in
  // milliseconds.
  private final LinkedHashMap<K, Double> fullAtMs = new LinkedHashMap<>(16, 0.75f, true);

  /** {@code perMinute} attempts, at once or spread; 0: no limit. Remembers at most {@code maxKeys} keys. */
  AttemptLimit(int perMinute, int maxKeys, InstantSource clock) {
    this.perMinute = perMinute;
    this.maxKeys = maxKeys;
    this.clock = clock;
  }

  /** How long until an attempt is allowed, in milliseconds; 0: now. Takes nothing. */
  int waitMs(K key) {
    if (perMinute == 0) {
      return 0;
    }
    synchronized (this) {
      return wait(fullAtMs.get(key), clock.millis());
    }
  }

  /** Takes one attempt if one is left; otherwise says how long until there is one, in milliseconds. */
  int take(K key) {
    if (perMinute == 0) {
      return 0;
    }
    synchronized (this) {
      long nowMs = clock.millis();
      forgetFull(nowMs);
      Double full = fullAtMs.get(key);
      int waitMs = wait(full, nowMs);
      if (waitMs == 0) {
        fullAtMs.put(
            key, Math.max((double) nowMs, full == null ? 0 : full) + MINUTE_MS / perMinute);
        if (fullAtMs.size() > maxKeys) {
          removeEldest();
        }
      }
      return waitMs;
    }
  }

  /** Returns what {@link #take} took. */
  synchronized void giveBack(K key) {
    fullAtMs.computeIfPresent(key, (k, full) -> full - MINUTE_MS / perMinute);
  }

  /** How many keys are remembered. */
  synchronized int size() {
    return fullAtMs.size();
  }

  // Empty when filling it takes a whole minute; one attempt is there as soon as less than that is
  // missing.
  private int wait(@Nullable Double full, long nowMs) {
    if (full == null) {
      return 0;
    }
    // Never beyond a minute from now: a clock that was put back must not lock anybody out.
    double fullIn = Math.min(full - nowMs, (double) MINUTE_MS);
    double missing = fullIn + MINUTE_MS / perMinute - MINUTE_MS;
    // A hair of rounding must not refuse the last attempt of a minute.
    return missing <= 0.5 ? 0 : (int) Math.ceil(missing);
  }

  // Two per attempt: as fast as keys come, twice as fast do they go.
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
