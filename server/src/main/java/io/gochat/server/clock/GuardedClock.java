package io.gochat.server.clock;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Properties;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock, watched by the monotonic one. Thread-safe; takes no lock while nothing is wrong.
 *
 * <p>What {@link #millis} says is <em>trusted</em> time: the wall clock's, as long as it moves like time does. Once it
 * has moved by more than five minutes against the monotonic clock it is {@linkplain ClockState.Distrusted distrusted},
 * and trusted time goes on from where it was, until the wall clock has come back, or has been steady for an hour: then
 * it is believed. Whoever destroys something because it is old asks {@link #isTrusted} first. A machine that slept
 * wakes up with a clock that moved, and is distrusted as well: nobody can tell the two apart.
 */
public final class GuardedClock implements InstantSource {
  private static final Logger log = LoggerFactory.getLogger(GuardedClock.class);
  /** Believes the clock of this start, however long the store was not in use. */
  private static final String BELIEVED = "gochat.clock.trusted";

  private final InstantSource wall;
  private final LongSupplier nanos;
  private volatile ClockState state;

  /**
   * Starts with trust in {@code wall}.
   *
   * @param nanos nanoseconds of monotonic time
   */
  public GuardedClock(InstantSource wall, LongSupplier nanos) {
    this.wall = wall;
    this.nanos = nanos;
    long monotonicMs = monotonicMillis();
    this.state = ClockState.trust(wall.millis() - monotonicMs, monotonicMs);
  }

  /** This machine's, moved as the file says that the system property {@code gochat.clock.file} names, if it does. */
  public static GuardedClock ofSystem() {
    String file = System.getProperty(MovedClock.PROPERTY, "");
    InstantSource wall = file.isEmpty() ? InstantSource.system() : new MovedClock(Path.of(file));
    return new GuardedClock(wall, System::nanoTime);
  }

  /** Trusted time, as Unix time in milliseconds. It goes back when a clock that was ahead is set right. */
  @Override
  public long millis() {
    long monotonicMs = monotonicMillis();
    long wallMs = wall.millis();
    return look(wallMs, monotonicMs) instanceof ClockState.Distrusted distrusted
        ? monotonicMs + distrusted.offsetMs()
        : wallMs;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(millis());
  }

  /** What the wall clock says, believed or not; Unix time in milliseconds. */
  public long wallMillis() {
    return wall.millis();
  }

  /** Milliseconds that only ever pass, from an arbitrary start: for periods, deadlines and rates. */
  public long monotonicMillis() {
    return Math.floorDiv(nanos.getAsLong(), 1_000_000);
  }

  /** Whether things may be destroyed because they are old. */
  public boolean isTrusted() {
    long monotonicMs = monotonicMillis();
    return look(wall.millis(), monotonicMs) instanceof ClockState.Trusted;
  }

  /**
   * Trusted time got as far as {@code storedMs} before the process that wrote this stopped. A clock that is behind it,
   * or more than a day beyond, is distrusted from here on.
   */
  public synchronized void resume(long storedMs) {
    long monotonicMs = monotonicMillis();
    long wallMs = wall.millis();
    ClockState resumed = ClockState.resume(storedMs, wallMs, monotonicMs);
    if (resumed instanceof ClockState.Distrusted && Boolean.getBoolean(BELIEVED)) {
      return;
    }
    state = resumed;
    if (resumed instanceof ClockState.Distrusted) {
      log.warn(
          "the clock says {}, and {} when the store was last in use. {} If it is right, wait, or start"
              + " once with -D{}=true.",
          Instant.ofEpochMilli(wallMs),
          Instant.ofEpochMilli(storedMs),
          Distrust.MEANS,
          BELIEVED);
    }
  }

  /** Why no server can start with this clock; empty: it can. */
  public Optional<String> refusal() {
    Instant now = wall.instant();
    Instant built = built();
    return now.isBefore(built)
        ? Optional.of("The clock of this machine says " + now + ", but this version was built on "
            + built + ". Set the clock, and start again.")
        : Optional.empty();
  }

  /** Shows it as a gauge, 1 while the wall clock is distrusted. */
  public void bindTo(MeterRegistry meters) {
    Gauge.builder("gochat.clock.distrusted", this, clock -> clock.isTrusted() ? 0 : 1)
        .description("1: the wall clock moved against monotonic time; nothing is deleted by age")
        .register(meters);
  }

  private ClockState look(long wallMs, long monotonicMs) {
    ClockState seen = state;
    return seen.seeing(wallMs - monotonicMs, monotonicMs) == seen
        ? seen
        : change(wallMs, monotonicMs);
  }

  private synchronized ClockState change(long wallMs, long monotonicMs) {
    ClockState before = state;
    ClockState after = before.seeing(wallMs - monotonicMs, monotonicMs);
    state = after;
    if (before instanceof ClockState.Trusted trusted && after instanceof ClockState.Distrusted) {
      log.warn(
          "the clock was moved by {}: it says {}. {}",
          Duration.ofMillis(wallMs - monotonicMs - trusted.offsetMs()),
          Instant.ofEpochMilli(wallMs),
          Distrust.MEANS);
    } else if (before instanceof ClockState.Distrusted && after instanceof ClockState.Trusted) {
      log.warn("the clock is trusted again: it says {}", Instant.ofEpochMilli(wallMs));
    }
    return after;
  }

  private static Instant built() {
    Properties properties = new Properties();
    try (InputStream in = GuardedClock.class.getResourceAsStream("build.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Instant.parse(properties.getProperty("built"));
  }

  /** What the operator should know. */
  private static final class Distrust {
    static final String MEANS =
        "It is not trusted until it has come back or stayed as it is for an hour: meanwhile nothing is"
            + " deleted by age, no session expires, and messages are stamped as if it had not moved.";
  }
}
