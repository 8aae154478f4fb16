package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.bench.process.ServerProcess;
import io.gochat.bench.verify.Jars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The line that changes while {@code load} runs, in a terminal that is narrower than it. */
@Timeout(300)
class ProgressJarTest {
  private static final int COLUMNS = 40;
  private static final Duration SOON = Duration.ofMinutes(2);

  /** Erase the line, do not wrap, the text, wrap again: however long the text is, it stays on its line. */
  private static final Pattern UPDATE =
      Pattern.compile("\r\u001b\\[2K\u001b\\[\\?7l([^\u001b\n]*)\u001b\\[\\?7h");

  @TempDir
  private Path directory;

  private @Nullable Process process;

  @AfterEach
  void kill() {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  @Test
  void progress_is_one_line_however_narrow_the_terminal_and_is_gone_at_the_end() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no /usr/bin/script: no terminal");
    process = start();

    assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();

    String shown = Files.readString(directory.resolve("shown"));
    assertThat(process.exitValue()).as(shown).isZero();
    List<String> updates =
        UPDATE.matcher(shown).results().map(found -> found.group(1)).toList();
    assertThat(updates).anyMatch(text -> text.contains("published/s") && text.length() > COLUMNS);
    // Whatever speaks of progress is one of them, and behind the last one the line is erased.
    String rest = UPDATE.matcher(shown).replaceAll("");
    assertThat(rest).doesNotContain("published/s  ");
    String end = shown.substring(shown.lastIndexOf("\u001b[?7h") + "\u001b[?7h".length());
    assertThat(end).startsWith("\r\u001b[2K").contains("clean");
  }

  @Test
  void a_terminal_that_is_resized_meanwhile_does_not_disturb_it() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no /usr/bin/script: no terminal");
    process = start();
    await().atMost(SOON).until(() -> shown().contains("published/s"));
    int before = shown().length();

    String terminal = Files.readString(directory.resolve("terminal")).strip();
    assertThat(new ProcessBuilder("stty", "-F", terminal, "cols", "25").start().waitFor())
        .isZero();

    await().atMost(SOON).until(() -> UPDATE.matcher(shown().substring(before)).find());
    assertThat(process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(shown()).isZero();
  }

  private String shown() throws IOException {
    return Files.readString(directory.resolve("shown"));
  }

  private Process start() throws IOException {
    String load = String.join(
        " ",
        ServerProcess.javaExecutable(),
        "-XX:TieredStopAtLevel=1",
        "-Dgochat.server.jar=" + Jars.server(),
        "-jar",
        Jars.tools().toString(),
        "load",
        "publish",
        "--own-server",
        "--rooms=2",
        "--publishers=2",
        "--users=2",
        "--warmup=0",
        "--time=4");
    ProcessBuilder builder = new ProcessBuilder(
            "/usr/bin/script",
            "-qefc",
            "stty cols " + COLUMNS + " rows 20; tty > terminal; exec " + load,
            "/dev/null")
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("shown").toFile());
    builder.environment().put("TERM", "xterm");
    builder.environment().put("GOCHAT_BCRYPT_COST", "4");
    return builder.start();
  }
}
