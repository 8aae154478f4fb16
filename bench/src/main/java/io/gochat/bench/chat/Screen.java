package io.gochat.bench.chat;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Where lines appear, and where they are typed. Thread-safe, but for {@link #read}, which one thread calls; all parts may
 * be hostile and are made harmless.
 */
interface Screen {
  /** Somebody said something. */
  void said(String time, String who, String text);

  /** Something about the chat itself. */
  void note(String text);

  /** Shows this in front of what is typed from the next {@link #read} on. */
  void prompt(String text);

  /**
   * The next line that was typed.
   *
   * @return null at the end
   */
  @Nullable
  String read() throws IOException;

  /** A line that was typed and does not come back as a message stays visible. */
  void keep(String line);

  /** Gives the terminal back. */
  void end();
}
