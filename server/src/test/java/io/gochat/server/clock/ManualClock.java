package io.gochat.server.clock;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A machine whose time stands still until it is moved. Thread-safe. */
public final class ManualClock implements InstantSource {
  private Instant wall;
  private long nanos = -1; // as arbitrary as that of a machine

  /** Always the same time, in the past. */
  public ManualClock() {
    this(Instant.parse("2026-03-01T00:00:00Z"));
  }

  private ManualClock(Instant wall) {
    this.wall = wall;
  }

  /** The time that it is: a server does not start before it was built. */
  public static ManualClock fromNow() {
    return new ManualClock(Instant.now());
  }

  /** What the wall clock says. */
  @Override
  public synchronized Instant instant() {
    return wall;
  }

  /** Monotonic time. */
  public synchronized long nanos() {
    return nanos;
  }

  /** As a server sees it that starts now. */
  public GuardedClock guarded() {
    return new GuardedClock(this, this::nanos);
  }

  /** Time passes. */
  public synchronized void advance(Duration time) {
    wall = wall.plus(time);
    nanos += time.toNanos();
  }

  /** Somebody moves the wall clock, and no time passes. */
  public synchronized void jump(Duration by) {
    wall = wall.plus(by);
  }
}
