package io.gochat.bench.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Removes a run's working directory. Stateless. */
final class Directories {
  private Directories() {}

  /** Removes the directory with all that is in it; says so where it cannot. */
  static void remove(Path dir) {
    try (Stream<Path> files = Files.walk(dir)) {
      files.sorted(Comparator.reverseOrder()).forEach(Directories::delete);
    } catch (IOException | UncheckedIOException e) {
      System.err.println("cannot remove " + dir + ": " + e.getMessage());
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
