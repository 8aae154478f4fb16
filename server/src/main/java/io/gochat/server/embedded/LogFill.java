package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills the write-ahead log with zeros ahead of what is written, so that a sync of a small commit does not have to write
 * down a new file size as well. Confined to the committer thread.
 *
 * <p>Zeros are only ever put behind the end of the file, by the thread that writes the log: nothing that was written can
 * be below them. The first block is left out, because whoever flushes the database begins a new log on its own thread.
 * What is here is an estimate: a log that was begun meanwhile, or that is longer than thought, grows by itself for a
 * while. {@link LogTail} is the other half.
 */
final class LogFill {
  /** So much at a time: some thousand commits of one message, and a few milliseconds. */
  static final int STEP_BYTES = 256 << 10;

  /** So much grows by itself at first: a process that writes next to nothing needs no zeros. */
  private static final int FIRST_BYTES = 32 << 10;

  /** Fewer commits than this for a step are large, and hide the cost of a log that grows. */
  private static final int MANY_COMMITS = 64;

  private static final int BLOCK_BYTES = 32 << 10;
  private static final int RECORD_HEADER_BYTES = 7;
  private static final Logger log = LoggerFactory.getLogger(LogFill.class);

  private final Path database;
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(STEP_BYTES);
  private long leftBytes = FIRST_BYTES;
  private int commits;

  LogFill(Path database) {
    this.database = database;
  }

  /** A commit of {@code bytes} comes next. */
  void beforeWrite(long bytes) {
    if (leftBytes < 0) {
      if (commits >= MANY_COMMITS) {
        fill();
      }
      leftBytes = STEP_BYTES;
      commits = 0;
    }
    commits++;
    leftBytes -= bytes + RECORD_HEADER_BYTES * (1 + bytes / BLOCK_BYTES);
  }

  private void fill() {
    Path newest = LogTail.newest(database);
    if (newest == null) {
      return;
    }
    try (FileChannel channel = FileChannel.open(newest, StandardOpenOption.WRITE)) {
      long at = Math.max(channel.size(), BLOCK_BYTES);
      zeros.clear();
      while (zeros.hasRemaining()) {
        at += channel.write(zeros, at);
      }
      channel.force(false);
    } catch (IOException e) {
      log.debug("{} is not filled in advance: {}", newest, e.toString()); // then it grows
    }
  }
}
