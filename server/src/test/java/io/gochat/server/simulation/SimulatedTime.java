package io.gochat.server.simulation;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** Time that passes when the schedule says so, and a wall clock that may be moved. Confined to the simulation's thread. */
final class SimulatedTime implements InstantSource {
  private static final long WALL_MS = Instant.parse("2026-03-01T00:00:00Z").toEpochMilli();

  private long monotonicMs;
  private long wallMs = WALL_MS;

  /** The monotonic clock begins anywhere. */
  SimulatedTime(long monotonicMs) {
    this.monotonicMs = monotonicMs;
  }

  /** Time passes. */
  void pass(long ms) {
    monotonicMs += ms;
    wallMs += ms;
  }

  /** Somebody moves the wall clock. */
  void jump(long ms) {
    wallMs += ms;
  }

  long ms() {
    return monotonicMs;
  }

  long nanos() {
    return TimeUnit.MILLISECONDS.toNanos(monotonicMs);
  }

  @Override
  public long millis() {
    return wallMs;
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(wallMs);
  }
}
