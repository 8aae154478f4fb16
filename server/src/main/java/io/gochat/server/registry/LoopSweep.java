package io.gochat.server.registry;

/** One event loop's sending, to be done between its I/O polls. Confined to that event loop. */
public interface LoopSweep {
  /** Whether {@link #sweep()} has something to do: the loop must not block for I/O. */
  boolean isSweepPending();

  /** Sends within a budget of some hundred microseconds. */
  void sweep();
}
