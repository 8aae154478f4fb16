package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose committer dies of an error that nobody foresaw. */
@Timeout(120)
class DeadCommitterTest {
  @TempDir
  private Path directory;

  @Test
  void a_server_that_can_write_nothing_more_ends_with_status_1() throws Exception {
    assumeTrue(Runtime.version().feature() < 20, "later JVMs stop no thread for a test");
    Process server = new ProcessBuilder(List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            "server",
            "--host=127.0.0.1",
            "--port=0",
            "--min-free-disk=0",
            "--data-dir=" + directory.resolve("data")))
        .redirectError(directory.resolve("stderr").toFile())
        .start();
    try (BufferedReader out = new BufferedReader(
        new InputStreamReader(server.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(out.readLine()).startsWith("gochat ready on ");

      server.getOutputStream().write('\n');
      server.getOutputStream().flush();

      assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).isEqualTo(1);
    } finally {
      server.destroyForcibly();
    }
  }

  /** The server, and the end of its committer at the first byte of standard input. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Exception {
      Thread killer = new Thread(Child::killCommitter);
      killer.setDaemon(true);
      killer.start();
      Main.main(arguments);
    }

    @SuppressWarnings({"deprecation", "removal"}) // the only way to throw where nobody does
    private static void killCommitter() {
      try {
        if (System.in.read() < 0) {
          return;
        }
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
          if (thread.getName().equals("gochat-committer")) {
            thread.stop();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
