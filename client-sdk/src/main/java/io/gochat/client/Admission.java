package io.gochat.client;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests that wait for their answer and turns away what is over the bound. Thread-safe; its lock is held
 * for a few instructions and never across a callback.
 */
final class Admission {
  private final int bound;
  private int inside;
  private @Nullable CompletableFuture<Void> ready;

  Admission(int bound) {
    this.bound = bound;
  }

  /** Whether there was room; who got in must {@link #leave}. */
  synchronized boolean enter() {
    if (inside >= bound) {
      return false;
    }
    inside++;
    return true;
  }

  /** Makes room. Returns a future to complete, where somebody waits for room. */
  synchronized @Nullable CompletableFuture<Void> leave() {
    inside--;
    CompletableFuture<Void> waiting = ready;
    // Not at once: half the queue free, so that those who wait do not come back for one place each.
    if (waiting == null || inside > bound / 2) {
      return null;
    }
    ready = null;
    return waiting;
  }

  /** How many wait for their answer. */
  synchronized int inside() {
    return inside;
  }

  /** Completes when there is room. */
  synchronized CompletableFuture<Void> ready() {
    if (inside < bound) {
      return CompletableFuture.completedFuture(null);
    }
    if (ready == null) {
      ready = new CompletableFuture<>();
    }
    // A copy: cancelling it must not take the others' away.
    return ready.copy();
  }
}
