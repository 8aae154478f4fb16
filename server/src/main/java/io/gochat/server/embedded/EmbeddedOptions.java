package io.gochat.server.embedded;

import io.gochat.server.messaging.Retention;
import java.nio.file.Path;
import java.time.Duration;

/**
 * How to open an {@link EmbeddedStore}. Immutable.
 *
 * @param directory made when missing
 * @param durability when a commit counts as done
 * @param gather how long a commit waits for more while several are under way; zero: it does not
 * @param retention how much of each topic is kept
 * @param dedupeWindow how long a client message id is remembered
 * @param bounds beyond which the store refuses
 */
public record EmbeddedOptions(
    Path directory,
    Durability durability,
    Duration gather,
    Retention retention,
    Duration dedupeWindow,
    StoreBounds bounds) {

  public EmbeddedOptions {
    if (dedupeWindow.isNegative() || dedupeWindow.isZero()) {
      throw new IllegalArgumentException("dedupe window: must be positive, not " + dedupeWindow);
    }
  }

  /** The defaults: fsync, 10,000 messages and 30 days per topic, 24 h of client message ids. */
  public static EmbeddedOptions of(Path directory) {
    return new EmbeddedOptions(
        directory,
        Durability.FSYNC,
        Duration.ZERO,
        Retention.DEFAULT,
        Duration.ofHours(24),
        StoreBounds.DEFAULT);
  }

  /** With another durability. */
  public EmbeddedOptions withDurability(Durability other) {
    return new EmbeddedOptions(directory, other, gather, retention, dedupeWindow, bounds);
  }

  /** With another time to gather. */
  public EmbeddedOptions withGather(Duration other) {
    return new EmbeddedOptions(directory, durability, other, retention, dedupeWindow, bounds);
  }

  /** With another retention. */
  public EmbeddedOptions withRetention(Retention other) {
    return new EmbeddedOptions(directory, durability, gather, other, dedupeWindow, bounds);
  }

  /** With other bounds. */
  public EmbeddedOptions withBounds(StoreBounds other) {
    return new EmbeddedOptions(directory, durability, gather, retention, dedupeWindow, other);
  }
}
