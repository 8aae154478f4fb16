package io.gochat.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** The mark of a data directory whose data live in Redis now: a server on it would be a second truth. Stateless. */
final class MovedData {
  private static final String MARK = "gochat.moved";

  private MovedData() {}

  /** Sets the mark. */
  static void mark(Path directory, Object where) throws IOException {
    Files.writeString(directory.resolve(MARK), where + " at " + Instant.now() + "\n");
  }

  /** Refuses the start on a directory with the mark. */
  static void refuse(Path directory) throws StartException {
    Path mark = directory.resolve(MARK);
    if (!Files.exists(mark)) {
      return;
    }
    String where;
    try {
      where = Files.readString(mark).strip();
    } catch (IOException e) {
      where = "Redis";
    }
    throw new StartException("The data of " + directory + " were moved to " + where
        + ": start with --redis. To use the old data all the same, delete " + mark + " first.");
  }
}
