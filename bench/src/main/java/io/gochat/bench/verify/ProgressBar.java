package io.gochat.bench.verify;

import java.io.PrintStream;

/** A bar that is redrawn on one line of a terminal; silent elsewhere. Confined to one thread. */
final class ProgressBar {
  private static final int WIDTH = 28;

  private final PrintStream out;
  private final boolean enabled;
  private int drawn;

  /** Draws only when there is a terminal to draw on. */
  ProgressBar(PrintStream out, boolean enabled) {
    this.out = out;
    this.enabled = enabled;
  }

  /** Redraws: {@code done} of {@code total} in any unit, and a few words. */
  void show(double done, double total, String words) {
    if (!enabled) {
      return;
    }
    int filled = (int) Math.round(Math.min(1, total <= 0 ? 1 : done / total) * WIDTH);
    String line = "[" + "=".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + words;
    out.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
    out.flush();
    drawn = line.length();
  }

  /** Removes the bar. */
  void clear() {
    if (enabled && drawn > 0) {
      out.print("\r" + " ".repeat(drawn) + "\r");
      out.flush();
      drawn = 0;
    }
  }
}
