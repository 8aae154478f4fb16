package io.gochat.server.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a file has changed since it was read, by its time and its size. Confined to one thread. */
public final class WatchedFile {
  private static final long NEVER = -1;
  private static final long GONE = -2;

  private final Path path;
  private long readModifiedMs = NEVER;
  private long readSize = NEVER;

  /** Not read yet. */
  public WatchedFile(Path path) {
    this.path = path;
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /**
   * Whether it is to be read again.
   *
   * @throws IOException when it cannot be looked at; see {@link #isNewlyGone}
   */
  public boolean hasChanged() throws IOException {
    return Files.getLastModifiedTime(path).toMillis() != readModifiedMs
        || Files.size(path) != readSize;
  }

  /**
   * Remembers it as it is now, before it is read: what is written meanwhile is a change.
   *
   * @return its size in bytes
   */
  public long reading() throws IOException {
    readModifiedMs = Files.getLastModifiedTime(path).toMillis();
    readSize = Files.size(path);
    return readSize;
  }

  /** It is to be read again, changed or not. */
  public void forget() {
    readSize = NEVER;
  }

  /** It cannot be looked at: whether that is to be said, because it could be before. */
  public boolean isNewlyGone() {
    boolean wasThere = readSize != GONE;
    readSize = GONE;
    return wasThere;
  }
}
