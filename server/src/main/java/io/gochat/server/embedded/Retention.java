package io.gochat.server.embedded;

import java.time.Duration;

/**
 * How much of a topic is kept; whichever bound is reached first. Immutable.
 *
 * @param count at least this many of the newest messages, at most an eighth more for a short while
 * @param age messages older than this go
 */
public record Retention(long count, Duration age) {
  /** 10,000 messages and 30 days. */
  public static final Retention DEFAULT = new Retention(10_000, Duration.ofDays(30));

  public Retention {
    if (count < 1) {
      throw new IllegalArgumentException("retention count: at least 1, not " + count);
    }
    if (age.isNegative() || age.isZero()) {
      throw new IllegalArgumentException("retention age: must be positive, not " + age);
    }
  }

  /** How far a topic may grow over {@link #count} before the commit itself trims it: ranges, not single keys. */
  long slack() {
    return Math.max(1, Math.min(count / 8, 4_096));
  }
}
