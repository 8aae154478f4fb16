package io.gochat.bench.verify;

import io.gochat.bench.common.StatusLine;
import java.io.PrintStream;

/** A bar that is redrawn on one line of a terminal; silent elsewhere. Confined to one thread. */
final class ProgressBar {
  private static final int WIDTH = 28;

  private final StatusLine line;

  /** Draws only when there is a terminal to draw on. */
  ProgressBar(PrintStream out, boolean enabled) {
    this.line = new StatusLine(enabled ? out : null);
  }

  /** Redraws: {@code done} of {@code total} in any unit, and a few words. */
  void show(double done, double total, String words) {
    int filled = (int) Math.round(Math.min(1, total <= 0 ? 1 : done / total) * WIDTH);
    line.show("[" + "=".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + words);
  }

  /** Removes the bar. */
  void clear() {
    line.clear();
  }
}
