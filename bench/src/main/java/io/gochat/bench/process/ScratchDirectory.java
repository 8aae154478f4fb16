package io.gochat.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A directory of a run, below the current one: a temporary directory is often no disk, and what is durable there would
 * cost nothing. Goes with all that is in it on {@link #close()}, and at the end of the program. Thread-safe.
 */
public final class ScratchDirectory implements AutoCloseable {
  private final Path path;
  private final AtExit forgetting;

  private ScratchDirectory(Path path) {
    this.path = path;
    this.forgetting = AtExit.run(this::forget);
  }

  /** A new one, empty. */
  public static ScratchDirectory make() throws IOException {
    return new ScratchDirectory(Files.createTempDirectory(
        Path.of("").toAbsolutePath(), "gochat-load-" + ProcessHandle.current().pid() + "-"));
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    forget();
    forgetting.forget();
  }

  // When somebody ends the program, both that thread and the run come by.
  private synchronized void forget() {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("gochat load: " + path + " could not be deleted: " + e.getMessage());
    }
  }
}
