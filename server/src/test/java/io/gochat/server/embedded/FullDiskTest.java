package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that really takes no more: writes fail with an I/O error, from a limit on file sizes in a process of its own. */
@Timeout(120)
class FullDiskTest {
  private static final int MESSAGES = 400;
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  @TempDir
  Path scratch;

  @Test
  void a_full_disk_refuses_keeps_what_was_accepted_and_needs_no_restart_once_there_is_room()
      throws Exception {
    assumeThat(Path.of("/bin/sh")).as("sh is needed").isExecutable();
    assumeThat(Path.of("/usr/bin/prlimit")).as("prlimit is needed").isExecutable();
    Path data = scratch.resolve("data");

    Process child = start(data);
    List<String> lines = new CopyOnWriteArrayList<>();
    Thread reader = new Thread(() -> new BufferedReader(
            new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))
        .lines()
        .forEach(lines::add));
    reader.start();
    try {
      await().atMost(DEADLINE).until(() -> lines.contains("unavailable") || !child.isAlive());
      assertThat(lines).contains("unavailable");
      new ProcessBuilder("/usr/bin/prlimit", "--pid", "" + child.pid(), "--fsize=unlimited")
          .inheritIO()
          .start()
          .waitFor();
      await().atMost(DEADLINE).until(() -> !child.isAlive());
    } finally {
      child.toHandle().destroyForcibly();
      reader.join();
    }

    assertThat(lines).contains("done");
    List<String> accepted =
        lines.stream().filter(line -> line.startsWith("accepted ")).toList();
    assertThat(accepted).hasSize(MESSAGES);
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(data)).open()) {
      List<String> stored = new ArrayList<>();
      fixture.messages(Topic.room(1)).forEach(message -> {
        String text = StoreFixture.text(message);
        stored.add("accepted " + message.seq() + " " + text.substring(0, text.indexOf(' ')));
      });
      assertThat(stored).isEqualTo(accepted);
    }
  }

  private Process start(Path data) throws IOException {
    String command = "trap '' XFSZ; exec \"$0\" \"$@\"";
    return new ProcessBuilder(List.of(
            "/bin/sh",
            "-c",
            command,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            data.toString()))
        .redirectErrorStream(true)
        .start();
  }

  /** Publishes one after the other, each until it is accepted. */
  static final class Child {
    private Child() {}

    /** No file of this process goes beyond 2 MB, until somebody allows it. */
    private static void fillTheDisk() throws IOException, InterruptedException {
      new ProcessBuilder(
              "/usr/bin/prlimit",
              "--pid",
              Long.toString(ProcessHandle.current().pid()),
              "--fsize=2097152:unlimited")
          .inheritIO()
          .start()
          .waitFor();
    }

    public static void main(String[] arguments) throws Exception {
      Path data = Path.of(arguments[0]);
      // Before the disk is full: the native library is larger than what will fit.
      PrivateFiles.createDirectories(data);
      NativeLibrary.load(data);
      fillTheDisk();
      try (EmbeddedStore store = EmbeddedStore.open(
          EmbeddedOptions.of(data), GuardedClock.ofSystem(), new SimpleMeterRegistry())) {
        String filler = " " + "x".repeat(8_000);
        for (int i = 1; i <= MESSAGES; i++) {
          Publication publication =
              new Publication(Topic.room(1), 3, "a", "", i + filler, "key-" + i);
          Accepted accepted = publish(store, publication);
          System.out.println("accepted " + accepted.seq() + " " + i);
        }
        System.out.println("done");
      }
    }

    private static Accepted publish(EmbeddedStore store, Publication publication) {
      while (true) {
        PublishResult result = store.log().publish(publication).join();
        if (result instanceof Accepted accepted) {
          return accepted;
        }
        if (result instanceof Refused refused && refused.kind() == ErrorKind.STORE_UNAVAILABLE) {
          System.out.println("unavailable");
        } else {
          System.out.println("unexpected " + result);
        }
        await().atMost(DEADLINE).until(store::isReady);
      }
    }
  }
}
