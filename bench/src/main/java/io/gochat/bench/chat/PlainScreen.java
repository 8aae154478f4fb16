package io.gochat.bench.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import org.jspecify.annotations.Nullable;

/** Lines and nothing else, where there is no terminal. Thread-safe. */
final class PlainScreen implements Screen {
  private final BufferedReader in;
  private final PrintStream out;

  PlainScreen(InputStream in, PrintStream out) {
    this.in = new BufferedReader(new InputStreamReader(in, Charset.defaultCharset()));
    this.out = out;
  }

  @Override
  public void said(String time, String who, String text) {
    line(time + " " + SafeText.of(who) + ": " + SafeText.of(text));
  }

  @Override
  public void note(String text) {
    line("· " + SafeText.of(text));
  }

  @Override
  public void prompt(String text) {
    // Nobody sees it.
  }

  @Override
  public @Nullable String read() throws IOException {
    return in.readLine();
  }

  @Override
  public void keep(String line) {
    // It was not shown.
  }

  @Override
  public void end() {
    out.flush();
  }

  private synchronized void line(String text) {
    out.print(text + "\n");
    out.flush();
  }
}
