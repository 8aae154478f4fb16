package io.gochat.server.embedded;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The rows that one commit changes, and when. Confined to the committer thread; used again for every commit.
 *
 * <p>Whoever stages sees the database <em>and</em> what was staged before it in the same batch ({@link #get}), so two
 * registrations of one name are decided right even when they meet in one batch.
 */
final class StagedRows implements AutoCloseable {
  private final Database database;
  private final WriteBatch batch = new WriteBatch();
  private final Map<RowKey, byte[]> rows = new HashMap<>();
  private long nowMs;
  private boolean clockTrusted;
  private boolean mustSync;

  StagedRows(Database database) {
    this.database = database;
  }

  /** Starts over, for the next commit. */
  void begin(long atMs, boolean trusted) {
    nowMs = atMs;
    clockTrusted = trusted;
    mustSync = false;
    batch.clear();
    rows.clear();
  }

  /** The time of this commit, Unix milliseconds: one reading of the clock for all of it. */
  long nowMs() {
    return nowMs;
  }

  /** Whether anything may go because it is old. */
  boolean isClockTrusted() {
    return clockTrusted;
  }

  Database database() {
    return database;
  }

  /** Even under {@link Durability#ASYNC} this commit must be on the disk before it counts. */
  void mustSync() {
    mustSync = true;
  }

  boolean isSyncForced() {
    return mustSync;
  }

  WriteBatch batch() {
    return batch;
  }

  /** Reads a row, as it will be once this commit is written. */
  byte @Nullable [] get(Family family, byte[] rowKey) throws RocksDBException {
    RowKey row = new RowKey(family, rowKey);
    if (rows.containsKey(row)) {
      byte[] staged = rows.get(row);
      return staged == null || staged.length == 0 ? null : staged;
    }
    return database.get(family, rowKey);
  }

  void put(Family family, byte[] rowKey, byte[] rowValue) throws RocksDBException {
    batch.put(database.handle(family), rowKey, rowValue);
    rows.put(new RowKey(family, rowKey), rowValue);
  }

  void delete(Family family, byte[] rowKey) throws RocksDBException {
    batch.delete(database.handle(family), rowKey);
    rows.put(new RowKey(family, rowKey), new byte[0]);
  }

  /** Deletes a row that nobody asks for in the same commit. */
  void deleteUnseen(Family family, byte[] rowKey) throws RocksDBException {
    batch.delete(database.handle(family), rowKey);
  }

  /** Deletes {@code [from, below)}; rows staged before in that range must not exist. */
  void deleteRange(Family family, byte[] from, byte[] below) throws RocksDBException {
    batch.deleteRange(database.handle(family), from, below);
  }

  /** Writes a row that nobody asks for in the same commit; the buffers are free again. */
  void putUnseen(Family family, ByteBuffer rowKey, ByteBuffer rowValue) throws RocksDBException {
    batch.put(database.handle(family), rowKey, rowValue);
  }

  /** Writes a row that nobody asks for in the same commit. */
  void putUnseen(Family family, byte[] rowKey, byte[] rowValue) throws RocksDBException {
    batch.put(database.handle(family), rowKey, rowValue);
  }

  @Override
  public void close() {
    batch.close();
  }

  /** A row of a family; compares bytes. */
  private static final class RowKey {
    private final Family family;
    private final byte[] bytes;

    RowKey(Family family, byte[] bytes) {
      this.family = family;
      this.bytes = bytes;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof RowKey that
          && family == that.family
          && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(bytes) * 31 + family.hashCode();
    }
  }
}
