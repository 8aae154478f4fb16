package io.gochat.server.embedded;

import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDBException;

/** Fails the next so many writes or attempts. Thread-safe. */
final class InjectedFaults implements CommitFaults {
  final AtomicInteger before = new AtomicInteger();
  final AtomicInteger errorBefore = new AtomicInteger();
  final AtomicInteger errorAtReopen = new AtomicInteger();
  final AtomicInteger after = new AtomicInteger();
  final AtomicInteger reopen = new AtomicInteger();
  final AtomicInteger reopened = new AtomicInteger();
  volatile Runnable whileClosed = () -> {};

  @Override
  public void beforeWrite() throws RocksDBException {
    failIf(before, "injected before the write");
    dieIf(errorBefore);
  }

  @Override
  public void afterWrite() throws RocksDBException {
    failIf(after, "injected after the write");
  }

  @Override
  public void beforeReopen() throws RocksDBException {
    failIf(reopen, "injected before reopening");
    dieIf(errorAtReopen);
    whileClosed.run();
    whileClosed = () -> {};
    reopened.incrementAndGet();
  }

  private static void dieIf(AtomicInteger left) {
    if (left.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      throw new OutOfMemoryError("injected");
    }
  }

  private static void failIf(AtomicInteger left, String message) throws RocksDBException {
    if (left.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      throw new RocksDBException(message);
    }
  }
}
