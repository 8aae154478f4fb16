package io.gochat.server.webhook;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How often and how long an event is tried. Stateless. */
final class RetryRules {
  static final Duration TRIED_FOR = Duration.ofHours(24);
  static final Duration LONGEST_WAIT = Duration.ofMinutes(5);
  static final int TRIES_WHEN_FINAL = 3;
  private static final long FIRST_WAIT_MS = 1_000;
  private static final int DOUBLINGS = 9;

  private RetryRules() {}

  /** Whether it is given up after so many tries, of which the first was so long ago. */
  static boolean isOver(Outcome outcome, int tries, long triedForMs) {
    return outcome.isFinal() ? tries >= TRIES_WHEN_FINAL : triedForMs >= TRIED_FOR.toMillis();
  }

  /** Until the next try, after so many that failed: doubling, and never the same for all who wait. */
  static long waitMs(int failures, long askedForMs) {
    long full = FIRST_WAIT_MS << Math.min(DOUBLINGS, Math.max(0, failures - 1));
    long longest = LONGEST_WAIT.toMillis();
    long bounded = Math.min(longest, full);
    long jittered = bounded / 2 + ThreadLocalRandom.current().nextLong(bounded / 2 + 1);
    return Math.min(longest, Math.max(jittered, askedForMs));
  }
}
