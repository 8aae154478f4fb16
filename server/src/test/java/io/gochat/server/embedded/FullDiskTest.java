package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that really takes no more: writes fail with an I/O error, from a limit on file sizes in a process of its own. */
@Timeout(120)
class FullDiskTest {
  @TempDir
  Path scratch;

  @Test
  void what_was_accepted_before_the_disk_was_full_is_kept_and_nothing_else_is_called_accepted()
      throws Exception {
    assumeThat(Files.isExecutable(Path.of("/bin/sh"))).isTrue();
    Path data = scratch.resolve("data");
    Path output = scratch.resolve("output");
    // ulimit -f counts blocks of 512 bytes: no file beyond 2 MB
    String command = "trap '' XFSZ; ulimit -f 4096; exec \"$0\" \"$@\"";

    Process child = new ProcessBuilder(List.of(
            "/bin/sh",
            "-c",
            command,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Djava.library.path=" + library().getParent(),
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            data.toString()))
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    boolean ended = child.waitFor(60, TimeUnit.SECONDS);
    child.destroyForcibly().waitFor();

    List<String> lines = Files.readAllLines(output, StandardCharsets.UTF_8);
    assertThat(ended).as("%s", lines).isTrue();
    assertThat(lines).contains("unavailable");
    List<String> accepted =
        lines.stream().filter(line -> line.startsWith("accepted ")).toList();
    assertThat(accepted).hasSizeGreaterThan(50);
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(data)).open()) {
      List<String> stored = new ArrayList<>();
      fixture.messages(Topic.room(1)).forEach(message -> {
        String text = StoreFixture.text(message);
        stored.add("accepted " + message.seq() + " " + text.substring(0, text.indexOf(' ')));
      });
      assertThat(stored).containsAll(accepted).doesNotHaveDuplicates();
      assertThat(fixture.publish(Topic.room(1), "there is room again", null).join())
          .isInstanceOf(Accepted.class);
    }
  }

  /** The native library is larger than the limit: it is laid out before, not unpacked by the child. */
  private Path library() throws IOException {
    Path library = scratch.resolve("lib").resolve("librocksdbjni.so");
    Files.createDirectories(scratch.resolve("lib"));
    String name = org.rocksdb.util.Environment.getJniLibraryFileName("rocksdb");
    try (InputStream in = org.rocksdb.RocksDB.class.getClassLoader().getResourceAsStream(name)) {
      Files.copy(java.util.Objects.requireNonNull(in, name), library);
    }
    return library;
  }

  /** Publishes until it is told that the store is not available. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      try (EmbeddedStore store = EmbeddedStore.open(
          EmbeddedOptions.of(Path.of(arguments[0])),
          InstantSource.system(),
          new SimpleMeterRegistry())) {
        String filler = " " + "x".repeat(8_000);
        for (int i = 1; i <= 2_000; i++) {
          PublishResult result = store
              .log()
              .publish(new Publication(Topic.room(1), 3, "a", "", i + filler, "key-" + i))
              .join();
          if (result instanceof Accepted accepted) {
            System.out.println("accepted " + accepted.seq() + " " + i);
          } else if (((Refused) result).kind() == ErrorKind.STORE_UNAVAILABLE) {
            System.out.println("unavailable");
            return;
          }
        }
      }
    }
  }
}
