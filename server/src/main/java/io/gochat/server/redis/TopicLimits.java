package io.gochat.server.redis;

import java.time.Duration;

/**
 * What is kept of a topic. Immutable.
 *
 * @param retentionCount messages; the oldest go
 * @param retentionAge messages older than this go when the next one comes, or with the whole log when none does
 * @param dedupeWindow how long a client message id is remembered, at least; at most twice as long
 */
public record TopicLimits(long retentionCount, Duration retentionAge, Duration dedupeWindow) {
  /** 10,000 messages and 30 days; 24 h of client message ids. */
  public static final TopicLimits DEFAULT =
      new TopicLimits(10_000, Duration.ofDays(30), Duration.ofHours(24));

  public TopicLimits {
    if (retentionCount < 1 || retentionAge.toMillis() < 1 || dedupeWindow.toMillis() < 1) {
      throw new IllegalArgumentException("topic limits: must be positive");
    }
  }
}
