package io.gochat.server.registry;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the memory of log reads for all connections together, first come first served. Thread-safe; the lock is held
 * for a queue operation only, and nobody is called under it.
 */
final class ReplayBudget {
  /** What one read may bring, in bytes of messages (beyond its first message). */
  static final int READ_BYTES = 256 * 1024;

  private final Queue<Waiter> waiting = new ArrayDeque<>();
  private int free;

  /** As many reads at a time as fit {@code totalBytes}. */
  ReplayBudget(long totalBytes) {
    this.free = (int) Math.max(1, totalBytes / READ_BYTES);
  }

  /** Runs {@code read} on {@code executor}, once there is room; each call is owed one {@link #release()}. */
  void acquire(Executor executor, Runnable read) {
    synchronized (this) {
      if (free == 0) {
        waiting.add(new Waiter(executor, read));
        return;
      }
      free--;
    }
    read.run();
  }

  /** One read is over. */
  void release() {
    Waiter next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        free++;
      }
    }
    start(next);
  }

  private static void start(@Nullable Waiter next) {
    if (next != null) {
      next.executor.execute(next.read);
    }
  }

  private record Waiter(Executor executor, Runnable read) {}
}
