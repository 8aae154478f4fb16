package io.gochat.server.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Plays schedules: what a node promises holds whatever store, memory, time and connections do. The suite plays the same
 * seeds each time; {@code -Dgochat.simulation.minutes=60} plays new ones for so long, and {@code -Dgochat.seed} one again
 * (CONTRIBUTING.md).
 */
class SimulationTest {
  private static final int KNOWN = 200;
  private static final int MINUTES = Integer.getInteger("gochat.simulation.minutes", 0);
  private static final @Nullable Long AGAIN = Long.getLong("gochat.seed");

  @Test
  void promises_hold_in_every_schedule() {
    if (AGAIN != null) {
      play(AGAIN);
    } else if (MINUTES > 0) {
      playNew();
    } else {
      for (long seed = 1; seed <= KNOWN; seed++) {
        play(seed);
      }
    }
  }

  private static void playNew() {
    long first = System.nanoTime();
    long untilNanos = first + TimeUnit.MINUTES.toNanos(MINUTES);
    System.out.println("simulation: first seed " + first);

    long seed = first;
    while (System.nanoTime() - untilNanos < 0) {
      play(seed++);
    }

    System.out.println("simulation: " + (seed - first) + " new schedules");
  }

  @Test
  void a_schedule_repeats_exactly() {
    for (long seed = 1; seed <= 3; seed++) {
      long first = playOnce(seed, false);
      long again = playOnce(seed, true);

      assertThat(again).isEqualTo(first);
    }
  }

  /** Plays one; a failure tells its seed, how to repeat it, and what happened last. */
  private static void play(long seed) {
    try {
      playOnce(seed, false);
    } catch (Throwable failure) {
      AssertionError told =
          new AssertionError("schedule " + seed + "; again: -Dgochat.seed=" + seed, failure);
      try {
        playOnce(seed, true);
      } catch (Throwable again) {
        told.addSuppressed(again); // with what happened before it
      }
      throw told;
    }
  }

  /** Returns everything that happened, as one number. */
  private static long playOnce(long seed, boolean isTraced) {
    Simulation simulation = new Simulation(seed, isTraced);
    try (BugLog bugs = BugLog.open()) {
      simulation.play();
      bugs.mustBeEmpty();
      return simulation.digest();
    } catch (Throwable failure) {
      if (!isTraced) {
        throw failure;
      }
      throw new AssertionError(String.join("\n", simulation.trace()), failure);
    }
  }
}
