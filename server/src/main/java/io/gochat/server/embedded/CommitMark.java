package io.gochat.server.embedded;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The number of the last write that was answered with success, in a mapped file of 8 bytes. Confined to the committer
 * thread once the store is open.
 *
 * <p>RocksDB cannot tell a write-ahead log that was cut off by a crash from one that lost its end later: both just end.
 * The mark can. It is stored after each successful commit, without a sync of its own (a mapped store costs nothing and
 * survives SIGKILL), so it never runs ahead of what was durable under {@link Durability#FSYNC}. A database that ends
 * before the mark has lost something that was answered with success.
 */
final class CommitMark {
  private final MappedByteBuffer mapped;

  private CommitMark(MappedByteBuffer mapped) {
    this.mapped = mapped;
  }

  static CommitMark open(Path file) throws IOException {
    try (FileChannel channel = PrivateFiles.open(file)) {
      if (channel.size() < Long.BYTES) {
        // A hole in the file would need its block when the disk
        // is full, and kill the process in the mapped store.
        channel.write(ByteBuffer.allocate(Long.BYTES), 0);
        channel.force(true);
      }
      return new CommitMark(channel.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES));
    }
  }

  /** 0: nothing was answered yet. */
  long get() {
    return mapped.getLong(0);
  }

  void set(long write) {
    mapped.putLong(0, write);
  }

  void force() {
    mapped.force();
  }
}
