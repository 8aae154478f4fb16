package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Tells what is wrong with the machine from what is wrong with the data. Stateless. */
final class EnvironmentFault {
  private EnvironmentFault() {}

  /**
   * What to tell the operator if {@code cause} is none of the data's fault; empty: it may well be.
   *
   * @param root the data directory
   */
  static Optional<StoreOpenException> of(Path root, Throwable cause) {
    String what =
        cause instanceof FileSystemException file ? cause + ": " + file.getReason() : text(cause);
    return remedy(root, cause, what.toLowerCase(Locale.ROOT))
        .map(remedy -> new StoreOpenException(
            "The store in " + root + " does not open: " + text(cause) + ". " + remedy, cause));
  }

  private static Optional<String> remedy(Path root, Throwable cause, String what) {
    if (cause instanceof AccessDeniedException
        || what.contains("permission denied")
        || what.contains("operation not permitted")) {
      return Optional.of("Its data is not the problem: " + owners(root)
          + " Give the whole directory to that user (chown -R), or start as its owner.");
    }
    if (what.contains("too many open files")) {
      return Optional.of("Its data is not the problem: the limit on open files is too low."
          + " Raise it (ulimit -n, LimitNOFILE) and start again.");
    }
    if (what.contains("read-only file system")) {
      return Optional.of("Its data is not the problem: the file system is mounted read-only.");
    }
    if (what.contains("no space left on device") || what.contains("disk quota exceeded")) {
      return Optional.of("Its data is not the problem. Free some space and start again.");
    }
    return Optional.empty();
  }

  private static String owners(Path root) {
    try {
      return root + " belongs to " + Files.getOwner(root) + ", this process runs as "
          + System.getProperty("user.name") + ".";
    } catch (IOException | UnsupportedOperationException e) {
      return "this process, which runs as " + System.getProperty("user.name")
          + ", may not use all of it.";
    }
  }

  private static String text(Throwable cause) {
    return cause instanceof FileSystemException || cause.getMessage() == null
        ? cause.toString()
        : cause.getMessage();
  }
}
