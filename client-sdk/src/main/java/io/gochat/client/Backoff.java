package io.gochat.client;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: exponential with full jitter, so that thousands of clients that lost one
 * server do not come back in step. Confined to the client's event loop.
 */
final class Backoff {
  private final long firstMs;
  private final long longestMs;
  private final Supplier<RandomGenerator> random;
  private int attempts;

  Backoff(Duration first, Duration longest, Supplier<RandomGenerator> random) {
    this.firstMs = Math.max(1, first.toMillis());
    this.longestMs = Math.max(firstMs, longest.toMillis());
    this.random = random;
  }

  /** A random delay in milliseconds, between 0 and a bound that doubles with each call. */
  long nextDelayMs() {
    // Past 2^40 ms the doubling has long met the bound; the cap keeps the shift from overflowing.
    long boundMs = Math.min(longestMs, firstMs << Math.min(attempts, 40 - bits(firstMs)));
    attempts++;
    return random.get().nextLong(boundMs + 1);
  }

  /**
   * The delay when the server named one: never earlier than it said, and a little later at random, because it may have
   * said the same to all.
   */
  long afterServerDelayMs(long serverDelayMs) {
    return serverDelayMs + random.get().nextLong(firstMs + 1);
  }

  /** The connection held: the next loss starts from the shortest delay. */
  void reset() {
    attempts = 0;
  }

  private static int bits(long value) {
    return Math.min(40, 64 - Long.numberOfLeadingZeros(value));
  }
}
