package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.server.account.PasswordHasher.Turn;
import io.gochat.server.bounds.AddressKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackgroundTest {
  @Test
  void many_passwords_are_hashed_behind_everything_else_and_a_few_before_those() throws Exception {
    assumeTrue(
        Files.exists(Path.of("/proc/thread-self")) && isInstalled("renice"),
        "no Linux with renice: hashing competes with everything else");
    int before = nice(Path.of("/proc/thread-self"));
    try (PasswordHasher hasher = PasswordHasher.start(4, 1, 8, new SimpleMeterRegistry())) {
      Turn turn = new Turn(AddressKey.of(InetAddress.getLoopbackAddress()), "a");
      List<CompletableFuture<String>> hashes =
          Stream.generate(() -> hasher.hash("secret", turn)).limit(8).toList();
      for (CompletableFuture<String> hash : hashes) {
        hash.get(30, TimeUnit.SECONDS);
      }

      await().atMost(30, TimeUnit.SECONDS).ignoreExceptions().untilAsserted(() -> {
        assertThat(niceOf("gochat-password")).isEqualTo(19);
        assertThat(niceOf("gochat-pass-few")).as("for a few").isEqualTo(Math.max(before, 10));
      });
    }
    assertThat(nice(Path.of("/proc/thread-self"))).as("who asked").isEqualTo(before);
  }

  private static int niceOf(String threadName) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      Path found = threads
          .filter(thread -> nameOf(thread).startsWith(threadName))
          .findFirst()
          .orElseThrow();
      return nice(found);
    }
  }

  private static String nameOf(Path thread) {
    try {
      return Files.readString(thread.resolve("comm"));
    } catch (IOException e) {
      return ""; // it has ended
    }
  }

  private static int nice(Path thread) throws IOException {
    String stat = Files.readString(thread.resolve("stat"));
    // proc(5): field 19 is the nice value; the second, in parentheses, may hold blanks.
    return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
  }
}
