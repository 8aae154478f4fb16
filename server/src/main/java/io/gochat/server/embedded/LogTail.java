package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a write-ahead log that was filled in advance. Confined to one thread.
 *
 * <p>A power cut in the middle of a commit leaves, of what was not synced, any part. In a file that grows that is a
 * record which the end of the file cuts off, and RocksDB drops it; in one that is as long as before it is a record that
 * fails its checksum, which looks like damage. What tells them apart: one commit is written at a time, and the next not
 * before it is synced. So nothing can stand behind a torn one, while behind a damaged one there are others. A torn one
 * is cut off here, before RocksDB reads; everything else is left to it, to be refused.
 *
 * <p>The format is that of RocksDB's log: blocks of 32 KB, in them records of a masked CRC-32C (4 bytes, over the type
 * and what follows), a length (2), a type (1) and as many bytes; a record that does not fit its block is continued.
 */
final class LogTail {
  private static final int BLOCK_BYTES = 32 << 10;
  private static final int HEADER_BYTES = 7;
  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int MIDDLE = 3;
  private static final int LAST = 4;
  private static final int CRC_MASK = 0xa282ead8;
  private static final Logger log = LoggerFactory.getLogger(LogTail.class);

  private final FileChannel file;
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final CRC32C crc = new CRC32C();

  private LogTail(FileChannel file) {
    this.file = file;
  }

  /** The log that was begun last; null: there is none. */
  static @Nullable Path newest(Path database) {
    try (Stream<Path> files = Files.list(database)) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.naturalOrder())
          .orElse(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** Cuts a commit that a power cut has torn off the newest log, if there is one. What fails, RocksDB will tell. */
  static void cutTorn(Path database) {
    Path newest = newest(database);
    if (newest == null) {
      return;
    }
    try (FileChannel file =
        FileChannel.open(newest, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      LogTail tail = new LogTail(file);
      long end = tail.endOfWhole();
      if (tail.isTorn(end)) {
        log.warn(
            "{} ends in a commit that is not whole: {} bytes are cut off",
            newest,
            file.size() - end);
        file.truncate(end);
        file.force(true);
      }
    } catch (IOException e) {
      log.debug("the end of {} is not looked at: {}", newest, e.toString());
    }
  }

  /** Where the whole records end. */
  private long endOfWhole() throws IOException {
    long end = 0;
    boolean inside = false;
    for (long at = 0; read(at); at += BLOCK_BYTES) {
      int offset = 0;
      while (offset + HEADER_BYTES <= block.limit()) {
        int type = wholeAt(offset);
        boolean continues = type == MIDDLE || type == LAST;
        if (type == 0 || continues != inside) {
          return end;
        }
        offset += HEADER_BYTES + length(offset);
        inside = type == FIRST || type == MIDDLE;
        if (!inside) {
          end = at + offset;
        }
      }
    }
    return end;
  }

  /** Whether there is something behind {@code end}, and nothing of it is the beginning of another commit. */
  private boolean isTorn(long end) throws IOException {
    boolean something = false;
    long first = end / BLOCK_BYTES * BLOCK_BYTES;
    for (long at = first; read(at); at += BLOCK_BYTES) {
      for (int offset = (int) Math.max(0, end - at); offset < block.limit(); offset++) {
        something |= block.get(offset) != 0;
        if (at + offset > end && beginsAt(offset)) {
          return false;
        }
      }
    }
    return something;
  }

  private boolean read(long at) throws IOException {
    block.clear();
    while (block.hasRemaining() && file.read(block, at + block.position()) > 0) {
      // a read may bring less than it could
    }
    block.flip();
    return block.hasRemaining();
  }

  private boolean beginsAt(int offset) {
    if (offset + HEADER_BYTES > block.limit()) {
      return false;
    }
    int type = block.get(offset + 6);
    return (type == FULL || type == FIRST) && wholeAt(offset) != 0;
  }

  /** The type of the record there; 0: there is no whole one. */
  private int wholeAt(int offset) {
    int type = block.get(offset + 6) & 0xff;
    int length = length(offset);
    if (type == 0 || offset + HEADER_BYTES + length > block.limit()) {
      return 0;
    }
    crc.reset();
    crc.update(block.array(), offset + 6, 1 + length);
    int sum = (int) crc.getValue();
    return block.getInt(offset) == Integer.rotateRight(sum, 15) + CRC_MASK ? type : 0;
  }

  private int length(int offset) {
    return block.getShort(offset + 4) & 0xffff;
  }
}
