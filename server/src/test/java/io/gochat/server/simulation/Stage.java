package io.gochat.server.simulation;

import org.jspecify.annotations.Nullable;

/** Which of the simulated threads runs now. Confined to the simulation's thread. */
final class Stage {
  /** Null: none of the loops, but a thread of the store. */
  private @Nullable SimulatedLoop running;

  boolean isRunning(SimulatedLoop loop) {
    return running == loop;
  }

  /** Runs {@code work} as the thread of {@code loop}, null: as one of the store. */
  void run(@Nullable SimulatedLoop loop, Runnable work) {
    SimulatedLoop before = running;
    running = loop;
    try {
      work.run();
    } finally {
      running = before;
    }
  }
}
