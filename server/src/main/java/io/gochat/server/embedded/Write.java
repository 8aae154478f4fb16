package io.gochat.server.embedded;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * Something that waits for its commit. Made by any thread, then confined to the committer thread; the link makes the
 * queue, so that queueing allocates nothing.
 */
abstract class Write {
  @Nullable
  Write next;

  /** A rough measure of the memory that it holds while it waits. */
  abstract int queuedBytes();

  /** Adds itself to the commit that is being built; or finds that nothing needs to be written. */
  abstract void stage(Commit commit) throws RocksDBException;

  /** What it wrote, and what it was answered from, is durable. */
  abstract void committed();

  /** The commit failed, or the store is not open: what became of it is not known. */
  abstract void failed();

  /** A bound was reached before it was queued: it is not accepted. */
  abstract void refused(String detail, int retryAfterMs);
}
