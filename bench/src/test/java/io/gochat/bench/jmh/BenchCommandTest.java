package io.gochat.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchCommandTest {
  @TempDir
  private Path directory;

  private int status;

  @Test
  void a_baseline_that_is_missing_is_told_before_anything_runs() {
    Path missing = directory.resolve("none.json");

    String told = run("bench", "--compare", "--baseline", missing.toString());

    assertThat(status).isEqualTo(1);
    assertThat(told).contains("there is no baseline " + missing, "makes one");
  }

  @Test
  void a_baseline_that_is_no_json_is_told() throws Exception {
    Path broken = Files.writeString(directory.resolve("broken.json"), "{");

    String told = run("bench", "--compare", "--baseline", broken.toString());

    assertThat(status).isEqualTo(1);
    assertThat(told).contains("cannot be read").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @CsvSource({
    "'[', no regular expression",
    "Encode --rounds 0, --rounds is 1 to",
    "WritePath --members 0, --members is 1 to",
    "WritePath --json /no/such/directory/out.json, there is no directory",
  })
  void wrong_options_are_refused_in_a_sentence(String options, String sentence) {
    String told = run(("bench " + options).split(" "));

    assertThat(status).isEqualTo(2);
    assertThat(told).contains(sentence).doesNotContain("\tat ");
  }

  @Test
  void a_pattern_that_matches_nothing_is_told() {
    String told = run("bench", "NoSuchThing");

    assertThat(status).isEqualTo(1);
    assertThat(told).contains("nothing matches NoSuchThing");
  }

  private String run(String... arguments) {
    PrintStream before = System.err;
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
    try {
      status = Main.commandLine().execute(arguments);
    } finally {
      System.setErr(before);
    }
    return told.toString(StandardCharsets.UTF_8);
  }
}
