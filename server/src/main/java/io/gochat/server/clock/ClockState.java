package io.gochat.server.clock;

/**
 * What is thought of the wall clock. Immutable; all times in milliseconds. An <em>offset</em> is wall time less
 * monotonic time: what stays the same while the wall clock moves like time does.
 */
sealed interface ClockState {
  /** More than that between two looks, or slowly within an hour, and it is distrusted. */
  long JUMP_MS = 5 * 60_000;

  /** So long must a clock that moved be steady to be believed. */
  long STEADY_MS = 60 * 60_000;

  /** So long may a store have been out of use. */
  long LONGEST_STOP_MS = 24 * STEADY_MS;

  /** Finer changes of the offset are the two clocks not being read at once. */
  long NOISE_MS = 100;

  /** What is thought after this look; the same object when nothing changed. */
  ClockState seeing(long offsetMs, long monotonicMs);

  static ClockState trust(long offsetMs, long monotonicMs) {
    return new Trusted(offsetMs, offsetMs, monotonicMs);
  }

  /** As a start finds it: trusted time had got as far as {@code storedMs}. */
  static ClockState resume(long storedMs, long wallMs, long monotonicMs) {
    long offsetMs = wallMs - monotonicMs;
    long storedOffsetMs = storedMs - monotonicMs;
    Range home = new Range(storedOffsetMs - JUMP_MS, storedOffsetMs + LONGEST_STOP_MS);
    return home.contains(offsetMs)
        ? trust(offsetMs, monotonicMs)
        : new Distrusted(storedOffsetMs, home, offsetMs, monotonicMs);
  }

  /** Offsets that are not worth a doubt, both ends included. */
  record Range(long fromMs, long toMs) {
    static Range around(long offsetMs) {
      return new Range(offsetMs - JUMP_MS, offsetMs + JUMP_MS);
    }

    boolean contains(long offsetMs) {
      return offsetMs >= fromMs && offsetMs <= toMs;
    }
  }

  /**
   * It moves like time does. An hour may change it by less than {@link #JUMP_MS}, as a clock that is being put right
   * slowly does.
   *
   * @param offsetMs as last seen
   * @param hourOffsetMs as it was an hour ago at most
   * @param sinceMs when that was
   */
  record Trusted(long offsetMs, long hourOffsetMs, long sinceMs) implements ClockState {
    @Override
    public ClockState seeing(long seenMs, long monotonicMs) {
      Range home = Range.around(hourOffsetMs);
      if (!home.contains(seenMs)) {
        return new Distrusted(offsetMs, home, seenMs, monotonicMs);
      }
      if (monotonicMs - sinceMs >= STEADY_MS) {
        return trust(seenMs, monotonicMs);
      }
      return Math.abs(seenMs - offsetMs) > NOISE_MS
          ? new Trusted(seenMs, hourOffsetMs, sinceMs)
          : this;
    }
  }

  /**
   * It moved.
   *
   * @param offsetMs of trusted time
   * @param home when it is back in there, it has come back
   * @param strayMs where it moved to
   * @param sinceMs since when it is there
   */
  record Distrusted(long offsetMs, Range home, long strayMs, long sinceMs) implements ClockState {
    @Override
    public ClockState seeing(long seenMs, long monotonicMs) {
      if (home.contains(seenMs)) {
        return trust(seenMs, monotonicMs);
      }
      if (!Range.around(strayMs).contains(seenMs)) {
        return new Distrusted(offsetMs, home, seenMs, monotonicMs);
      }
      return monotonicMs - sinceMs >= STEADY_MS ? trust(seenMs, monotonicMs) : this;
    }
  }
}
