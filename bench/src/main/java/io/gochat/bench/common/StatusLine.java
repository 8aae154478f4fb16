package io.gochat.bench.common;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * The line of a terminal that changes while something lasts; silent where nobody is looking. Whatever is longer than the
 * terminal is wide is cut off by the terminal itself, so that the line stays one also when the window is resized. Not
 * thread-safe.
 */
public final class StatusLine {
  private static final String ERASE = "\r\u001b[2K";
  private static final String DO_NOT_WRAP = "\u001b[?7l";
  private static final String WRAP = "\u001b[?7h";

  private final @Nullable PrintStream terminal;
  private boolean isDirty;

  /** Writes to {@code terminal}; null: to nobody. */
  public StatusLine(@Nullable PrintStream terminal) {
    this.terminal = terminal;
  }

  /** Replaces the line. */
  public void show(String text) {
    if (terminal != null) {
      terminal.print(ERASE + DO_NOT_WRAP + text + WRAP);
      terminal.flush();
      isDirty = true;
    }
  }

  /** Removes the line. */
  public void clear() {
    if (terminal != null && isDirty) {
      terminal.print(ERASE);
      terminal.flush();
      isDirty = false;
    }
  }
}
