package io.gochat.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's example is compiled, runs against a real server, and is the one in the README. */
final class ReadmeExampleTest {
  private static final Path SOURCE = Path.of("src/test/java/io/gochat/client/ReadmeExample.java");
  private static final Path README = Path.of("../docs/java-sdk.md");

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

  @Test
  void the_readme_shows_this_very_example() throws Exception {
    String readme = Files.readString(README);

    assertThat(readme).contains("```java\n" + example() + "```\n");
  }

  /** What lies between the two marks, without the indentation of its method. */
  private static String example() throws Exception {
    List<String> lines = Files.readAllLines(SOURCE);
    int begin = lines.indexOf("    // README: begin");
    int end = lines.indexOf("    // README: end");
    StringBuilder text = new StringBuilder();
    for (String line : lines.subList(begin + 1, end)) {
      text.append(line.isEmpty() ? line : line.substring(4)).append('\n');
    }
    return text.toString();
  }
}
