package io.gochat.server.simulation;

import java.util.function.Supplier;

/** What must hold. Stateless. */
final class Check {
  private Check() {}

  static void that(boolean holds, Supplier<String> what) {
    if (!holds) {
      throw new AssertionError(what.get());
    }
  }

  static void equal(long actual, long expected, String what) {
    if (actual != expected) {
      throw new AssertionError(what + ": " + actual + ", not " + expected);
    }
  }
}
