package io.gochat.server.account;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets all other threads of the machine go first. Java's own priorities mean nothing on Linux without flags of the JVM
 * that warn on standard output, so {@code renice} is asked, which needs no rights to step back. Stateless.
 */
final class Background {
  private static final Logger log = LoggerFactory.getLogger(Background.class);
  private static final Path THIS_THREAD = Path.of("/proc/thread-self");
  private static final long PATIENCE_SECONDS = 2;

  private Background() {}

  /**
   * Does {@code work} on a thread that has stepped back, where the system can do that; blocks for some milliseconds.
   *
   * @param nice how far: 1 to 19, the last in line
   */
  static Runnable of(Runnable work, int nice) {
    return () -> {
      stepBack(Integer.toString(nice));
      work.run();
    };
  }

  private static void stepBack(String nice) {
    try {
      if (Files.isSymbolicLink(THIS_THREAD)) {
        String thread = Files.readSymbolicLink(THIS_THREAD).getFileName().toString();
        Process renice = new ProcessBuilder("renice", "-n", nice, "-p", thread)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
        if (!renice.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          renice.destroyForcibly();
        }
      }
    } catch (IOException e) {
      log.debug("hashing competes with everything else", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
