package io.gochat.server.embedded;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The database that is open now, if any. Thread-safe: readers hold the shared lock while they are inside, and whoever
 * closes or replaces it waits for them, because a closed RocksDB is freed memory.
 */
final class OpenStore {
  /** Something that reads. */
  @FunctionalInterface
  interface Read<T extends @Nullable Object> {
    T from(Database database) throws RocksDBException, IOException;
  }

  /** There is no database now: it was closed, or is being reopened. */
  static final class NotOpenException extends IOException {
    private static final long serialVersionUID = 1;

    NotOpenException() {
      super("the store is closed or being reopened");
    }
  }

  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private @Nullable Database database;

  /** Runs {@code read} inside the database. */
  <T extends @Nullable Object> T read(Read<T> read) throws RocksDBException, IOException {
    lock.readLock().lock();
    try {
      Database open = database;
      if (open == null) {
        throw new NotOpenException();
      }
      return read.from(open);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * The same without waiting for anything, not for the disk and not for who closes or opens; null when that cannot be.
   */
  <T> @Nullable T readAtOnce(Read<T> read) throws RocksDBException, IOException {
    if (!lock.readLock().tryLock()) {
      return null;
    }
    try {
      Database open = database;
      return open == null ? null : read.from(open.inMemory());
    } catch (RocksDBException e) {
      if (Database.isNotInMemory(e)) {
        return null;
      }
      throw e;
    } finally {
      lock.readLock().unlock();
    }
  }

  void set(Database opened) {
    lock.writeLock().lock();
    try {
      database = opened;
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Waits for the readers, then closes; without effect when nothing is open. */
  void close() {
    interruptCompaction();
    lock.writeLock().lock();
    try {
      if (database != null) {
        database.close();
        database = null;
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** A compaction that upkeep asked for may take minutes; nobody waits for it. */
  private void interruptCompaction() {
    lock.readLock().lock();
    try {
      if (database != null) {
        database.rocks().cancelAllBackgroundWork(false);
      }
    } finally {
      lock.readLock().unlock();
    }
  }
}
