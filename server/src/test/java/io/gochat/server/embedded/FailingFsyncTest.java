package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.gochat.server.messaging.Topic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An fsync that really fails: the system call answers EIO, a few times in a row, in a process of its own. Needs {@code
 * strace}, whose fault injection does it, and the right to trace a child; says so where it is skipped.
 */
@Timeout(120)
class FailingFsyncTest {
  private static final Path STRACE = Path.of("/usr/bin/strace");

  @TempDir
  Path scratch;

  @Test
  void what_could_not_be_synced_is_not_accepted_and_what_was_accepted_is_there() throws Exception {
    assumeThat(STRACE).as("strace is needed").isExecutable();
    assumeThat(mayTrace()).as("tracing a child is allowed here").isTrue();
    Path data = scratch.resolve("data");

    List<String> lines = run(data);

    assertThat(lines).contains("unavailable", "done");
    assertThat(lines).noneMatch(line -> line.startsWith("unexpected"));
    List<String> accepted =
        lines.stream().filter(line -> line.startsWith("accepted ")).toList();
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(data)).open()) {
      List<String> stored = new ArrayList<>();
      fixture.messages(Topic.room(1)).forEach(message -> {
        String text = StoreFixture.text(message);
        stored.add("accepted " + message.seq() + " " + text.substring(0, text.indexOf(' ')));
      });
      // Each once, in order: also those that were repeated because their first sync had failed.
      assertThat(stored).isEqualTo(accepted);
    }
    assertThat(Files.readString(scratch.resolve("trace"))).contains("EIO", "INJECTED");
  }

  private static boolean mayTrace() throws IOException, InterruptedException {
    Process probe = new ProcessBuilder(STRACE.toString(), "-qq", "-e", "trace=none", "/bin/true")
        .redirectErrorStream(true)
        .start();
    probe.getInputStream().readAllBytes();
    return probe.waitFor() == 0;
  }

  /** The output of a child that publishes, each message until it is accepted, while syncs fail. */
  private List<String> run(Path data) throws IOException, InterruptedException {
    Process child = new ProcessBuilder(List.of(
            STRACE.toString(),
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-o",
            scratch.resolve("trace").toString(),
            "-e",
            "trace=fdatasync",
            "-e",
            "inject=fdatasync:error=EIO:when=100..103", // counted for each thread by itself
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            FullDiskTest.Child.class.getName(),
            data.toString()))
        .redirectErrorStream(true)
        .start();
    // A read of its output cannot be interrupted.
    CompletableFuture.delayedExecutor(60, TimeUnit.SECONDS).execute(() -> kill(child));
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      List<String> lines = out.lines().toList();
      assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      return lines;
    } finally {
      kill(child);
    }
  }

  private static void kill(Process child) {
    child.descendants().forEach(ProcessHandle::destroyForcibly);
    child.destroyForcibly();
  }
}
