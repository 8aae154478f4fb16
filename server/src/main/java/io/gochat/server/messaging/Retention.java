package io.gochat.server.messaging;

import java.time.Duration;

/**
 * How much of a topic is kept; whichever bound is reached first. Immutable.
 *
 * @param count at least this many of the newest messages, at most an eighth more for a short while
 * @param age messages older than this go
 * @param inboxPerSender so many messages of one sender may lie unacknowledged in one inbox; 0: any number
 */
public record Retention(long count, Duration age, long inboxPerSender) {
  /** What nobody acknowledged does not go by its count for so long. */
  public static final Duration UNREAD_STAYS = Duration.ofDays(7);

  private static final long DEFAULT_PER_SENDER = 10_000;
  private static final long MOST_UNREAD = 10;

  /** 10,000 messages and 30 days. */
  public static final Retention DEFAULT = new Retention(10_000, Duration.ofDays(30));

  public Retention {
    if (count < 1) {
      throw new IllegalArgumentException("retention count: at least 1, not " + count);
    }
    if (age.isNegative() || age.isZero()) {
      throw new IllegalArgumentException("retention age: must be positive, not " + age);
    }
    if (inboxPerSender < 0) {
      throw new IllegalArgumentException("inbox per sender: not negative, not " + inboxPerSender);
    }
  }

  /** With 10,000 unacknowledged messages of one sender in one inbox. */
  public Retention(long count, Duration age) {
    this(count, age, DEFAULT_PER_SENDER);
  }

  /** How far an inbox may grow of what nobody acknowledged. */
  public long mostInInbox() {
    return count > Long.MAX_VALUE / MOST_UNREAD ? Long.MAX_VALUE : count * MOST_UNREAD;
  }
}
