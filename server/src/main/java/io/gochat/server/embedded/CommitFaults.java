package io.gochat.server.embedded;

import org.rocksdb.RocksDBException;

/**
 * Where tests make a commit fail, or a compaction last; in production nothing happens here. Called on the committer thread
 * but for the last.
 */
interface CommitFaults {
  /** Nothing ever fails. */
  CommitFaults NONE = new CommitFaults() {};

  /** Before the batch is written: nothing of it reaches the disk. */
  default void beforeWrite() throws RocksDBException {}

  /** After it was written: as if its sync had failed, it may be found on the disk later. */
  default void afterWrite() throws RocksDBException {}

  /** Before the store is opened again. */
  default void beforeReopen() throws RocksDBException {}

  /** At the beginning of a compaction that upkeep asked for, on its thread. */
  default void atCompaction() {}
}
