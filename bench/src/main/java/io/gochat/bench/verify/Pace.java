package io.gochat.bench.verify;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How fast one publisher goes: at random, around a mean. Immutable.
 *
 * @param perSecond values per second on average; 0: as fast as answers come
 */
record Pace(int perSecond) {
  /** Waits for the next turn on the calling thread. */
  void await(Random random) {
    if (perSecond > 0) {
      // Uniform between 0 and twice the mean: bursts and lulls.
      LockSupport.parkNanos(
          (long) (random.nextDouble() * 2 * TimeUnit.SECONDS.toNanos(1) / perSecond));
    }
  }
}
