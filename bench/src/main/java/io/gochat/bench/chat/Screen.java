package io.gochat.bench.chat;

import java.io.PrintStream;

/**
 * Where lines appear. On a terminal a prompt stays below them; elsewhere lines are all there is, and no control
 * sequences. Thread-safe.
 */
final class Screen {
  private static final String ERASE_LINE = "\r\u001b[2K";
  private static final String LINE_ABOVE = "\u001b[1A";
  private static final String DIM = "\u001b[2m";
  private static final String BOLD = "\u001b[1m";
  private static final String PLAIN = "\u001b[0m";

  private final PrintStream out;
  private final boolean terminal;
  private String prompt = "";

  Screen(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Somebody said something. All parts may be hostile. */
  synchronized void said(String time, String who, String text) {
    String name = SafeText.of(who);
    line(time + " " + (terminal ? BOLD + name + PLAIN : name) + ": " + SafeText.of(text));
  }

  /** Something about the chat itself; may be hostile too, where it carries names. */
  synchronized void note(String text) {
    String safe = "· " + SafeText.of(text);
    line(terminal ? DIM + safe + PLAIN : safe);
  }

  /** Shows this in front of what is typed from now on. */
  synchronized void prompt(String text) {
    prompt = text;
    if (terminal) {
      out.print(ERASE_LINE + prompt);
      out.flush();
    }
  }

  /** What was typed and sent comes back as a message of the room: removes the typed copy of it. */
  synchronized void forgetTypedLine() {
    if (terminal) {
      out.print(LINE_ABOVE + ERASE_LINE + prompt);
      out.flush();
    }
  }

  /** Leaves the cursor on an empty line. */
  synchronized void end() {
    if (terminal) {
      out.print(ERASE_LINE);
      prompt = "";
    }
    out.flush();
  }

  private void line(String text) {
    out.print(terminal ? ERASE_LINE + text + "\n" + prompt : text + "\n");
    out.flush();
  }
}
