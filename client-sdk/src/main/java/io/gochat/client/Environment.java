package io.gochat.client;

import io.netty.channel.EventLoop;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Time and chance, so that tests can rule both. Immutable; thread-safe where its parts are.
 *
 * @param nowMs monotonic milliseconds
 * @param timers runs tasks later, on the loop
 * @param random for the backoff
 */
record Environment(LongSupplier nowMs, Timers timers, Supplier<RandomGenerator> random) {
  static final Environment SYSTEM = new Environment(
      () -> System.nanoTime() / 1_000_000, Timers.OF_THE_LOOP, ThreadLocalRandom::current);

  /** Runs something later on an event loop. */
  @FunctionalInterface
  interface Timers {
    Timers OF_THE_LOOP = (loop, delayMs, task) -> {
      var scheduled = loop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
      return () -> scheduled.cancel(false);
    };

    /** Returns what cancels the task; cancelling late is harmless. */
    Runnable after(EventLoop loop, long delayMs, Runnable task);
  }
}
