package io.gochat.bench.chat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A terminal whose last line is edited while others appear above it: with history, wrapping and a window that may be
 * resized. Ctrl-C throws away what is typed, and ends where nothing is; Ctrl-D ends. Thread-safe, but for {@link #read}.
 */
final class TerminalScreen implements Screen {
  private static final String DIM = "\u001b[2m";
  private static final String BOLD = "\u001b[1m";
  private static final String PLAIN = "\u001b[0m";

  private final Terminal terminal;
  private final LineReader reader;
  private volatile String prompt = "";
  private volatile boolean interrupted;

  /** Takes the terminal over until {@link #end}. */
  TerminalScreen() throws IOException {
    // By stty, and not by a library that would be left in the temporary directory.
    terminal = TerminalBuilder.builder()
        .name("gochat")
        .system(true)
        .exec(true)
        .jni(false)
        .ffm(false)
        .jna(false)
        .jansi(false)
        .dumb(true)
        .encoding(StandardCharsets.UTF_8)
        .build();
    DefaultParser asTyped = new DefaultParser();
    asTyped.setEscapeChars(null);
    asTyped.setQuoteChars(new char[0]);
    reader = LineReaderBuilder.builder()
        .terminal(terminal)
        .parser(asTyped)
        .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
        .option(LineReader.Option.DISABLE_HIGHLIGHTER, true)
        // What is said comes back as a message of the room.
        .option(LineReader.Option.ERASE_LINE_ON_FINISH, true)
        .build();
  }

  /** Whether Ctrl-C ended it. */
  boolean wasInterrupted() {
    return interrupted;
  }

  @Override
  public void said(String time, String who, String text) {
    reader.printAbove(time + " " + BOLD + SafeText.of(who) + PLAIN + ": " + SafeText.of(text));
  }

  @Override
  public void note(String text) {
    reader.printAbove(DIM + "· " + SafeText.of(text) + PLAIN);
  }

  @Override
  public void prompt(String text) {
    prompt = text;
  }

  @Override
  public @Nullable String read() {
    while (true) {
      try {
        return reader.readLine(prompt);
      } catch (UserInterruptException e) {
        if (e.getPartialLine().isEmpty()) {
          interrupted = true;
          return null;
        }
      } catch (EndOfFileException e) {
        return null;
      }
    }
  }

  @Override
  public void keep(String line) {
    reader.printAbove(prompt + SafeText.of(line));
  }

  @Override
  public void end() {
    try {
      terminal.close();
    } catch (IOException e) {
      // It is gone, and nobody sees anything any more.
    }
  }
}
