package io.gochat.client;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What is tried again, and when: one rule for connections, publishes, other requests and acknowledgements. Immutable;
 * confined to the client's event loop by its random numbers.
 */
final class Retry {
  private static final Duration COMMANDS_FIRST = Duration.ofMillis(500);
  private static final Duration COMMANDS_LONGEST = Duration.ofSeconds(8);

  private final long firstMs;
  private final long longestMs;
  private final Supplier<RandomGenerator> random;

  Retry(Duration first, Duration longest, Supplier<RandomGenerator> random) {
    this.firstMs = Math.max(1, first.toMillis());
    this.longestMs = Math.max(firstMs, longest.toMillis());
    this.random = random;
  }

  /** For what is said on a connection. */
  static Retry ofCommands(ClientOptions options) {
    return new Retry(COMMANDS_FIRST, COMMANDS_LONGEST, options.environment().random());
  }

  /** For connections. */
  static Retry ofConnections(ClientOptions options) {
    return new Retry(
        options.backoffFirst(), options.backoffLongest(), options.environment().random());
  }

  /**
   * Whether a command of the application is sent again without asking it: the refusal passes by itself, and within the
   * command's deadline.
   */
  static boolean passes(ChatException refusal) {
    return switch (refusal.failure()) {
      case OVERLOADED, STORE_UNAVAILABLE -> true;
      // A rate that says when it is over; a plain limit would not go away by itself.
      case TOO_MANY -> refusal.retryAfterMs() > 0;
      default -> false;
    };
  }

  /** Whether what nobody waits for, who could decide, is tried again: a connection, an acknowledgement. */
  static boolean mayPass(ChatException refusal) {
    return refusal.retryable();
  }

  /** Whether a login that was answered so is tried again. */
  static boolean passes(int httpStatus) {
    return httpStatus == 408 || httpStatus == 425 || httpStatus == 429 || httpStatus >= 500;
  }

  /**
   * How long to wait in milliseconds, after {@code before} tries that came to nothing since the last good one. Where the
   * server named a delay: never less, and a little more at random, because it may have said the same to thousands. Else
   * between 0 and a bound that doubles: with full jitter those who lost one server do not come back in step.
   */
  long delayMs(long serverDelayMs, int before) {
    if (serverDelayMs > 0) {
      return serverDelayMs + random.get().nextLong(Math.max(firstMs, serverDelayMs / 4) + 1);
    }
    // Past 2^40 ms the doubling has long met the bound; the cap keeps the shift from overflowing.
    int doublings = Math.max(0, Math.min(before, 40 - bits(firstMs)));
    return random.get().nextLong(Math.min(longestMs, firstMs << doublings) + 1);
  }

  private static int bits(long value) {
    return Math.min(40, 64 - Long.numberOfLeadingZeros(value));
  }
}
