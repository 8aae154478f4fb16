package io.gochat.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example is compiled, runs against a real server, and is the one in the README. */
final class ReadmeExampleTest {
  @TempDir
  Path directory;

  @Test
  void the_example_runs_and_prints_what_was_said() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (RealServer server = new RealServer(directory)) {
      System.setOut(new PrintStream(printed, true, UTF_8));
      ReadmeExample.run("127.0.0.1", server.port());
    } finally {
      System.setOut(console);
    }

    assertThat(printed.toString(UTF_8))
        .contains("CONNECTED")
        .contains("1 hello, everybody")
        .contains("CLOSED");
  }
}
