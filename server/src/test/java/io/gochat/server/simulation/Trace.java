package io.gochat.server.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** What happened last in a schedule, if anybody wants to know. Confined to the simulation's thread. */
final class Trace {
  private static final int KEPT = Integer.getInteger("gochat.simulation.trace", 300);

  private final Deque<String> lines = new ArrayDeque<>();
  private final boolean isKept;

  /** Nothing is kept unless {@code isKept}: a schedule is played again for it. */
  Trace(boolean isKept) {
    this.isKept = isKept;
  }

  boolean isKept() {
    return isKept;
  }

  void add(Supplier<String> what) {
    if (isKept) {
      if (lines.size() == KEPT) {
        lines.remove();
      }
      lines.add(what.get());
    }
  }

  /** The oldest first. */
  List<String> lines() {
    return List.copyOf(lines);
  }
}
