package io.gochat.server.metrics;

import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * Timers whose distribution is kept, in buckets that are the same everywhere and on every node, so that quantiles can be
 * computed over all of them. Stateless. Recording neither locks nor allocates.
 */
public final class Histograms {
  // From an fsync on a good disk to what nobody waits
  // for any longer, a little over two per doubling.
  private static final Duration[] BUCKETS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(250_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofNanos(2_500_000),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2_500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private Histograms() {}

  /** A timer of this name, to be tagged and registered; {@code help} is its sentence in the scrape. */
  public static Timer.Builder timer(String name, String help) {
    return Timer.builder(name).description(help).serviceLevelObjectives(BUCKETS);
  }
}
