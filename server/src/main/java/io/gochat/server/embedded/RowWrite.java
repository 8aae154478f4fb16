package io.gochat.server.embedded;

import io.gochat.server.failure.StoreUnavailableException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * A change of a few rows that looks before it writes: an account, a session, an acknowledgement. Threads as in
 * {@link Write}.
 *
 * @param <T> what the caller is told
 */
final class RowWrite<T> extends Write {
  /** Decides and stages, on the committer thread. */
  @FunctionalInterface
  interface Change<T> {
    T apply(Commit commit) throws RocksDBException;
  }

  private static final int QUEUED_BYTES = 512;

  private final Change<T> change;
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private @Nullable T outcome;

  RowWrite(Change<T> change) {
    this.change = change;
  }

  CompletableFuture<T> result() {
    return result;
  }

  @Override
  int queuedBytes() {
    return QUEUED_BYTES;
  }

  @Override
  void stage(Commit commit) throws RocksDBException {
    outcome = change.apply(commit);
  }

  @Override
  void committed() {
    if (outcome == null) {
      failed();
    } else {
      result.complete(outcome);
    }
  }

  @Override
  void failed() {
    result.completeExceptionally(new StoreUnavailableException("the store is not available"));
  }

  @Override
  void refused(String detail, int retryAfterMs) {
    result.completeExceptionally(new RejectedExecutionException(detail)); // nothing was begun
  }
}
