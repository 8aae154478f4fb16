package io.gochat.client;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The threads of listeners: a few, and more for as long as all of those are held up, so that a listener that blocks
 * delays no other client for longer than a moment. Thread-safe. A client occupies one thread at a time.
 */
final class ListenerThreads implements Executor {
  private static final int MOST = 1_024;
  private static final long LOOK_AFTER_MS = 50;

  private final int few = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
  private final ThreadPoolExecutor pool;
  private final AtomicBoolean looking = new AtomicBoolean();

  /** Owned by the one look that is under way. */
  private long completedBefore = -1;

  ListenerThreads() {
    // The queue needs no bound of its own: a client has at most one delivery task and its bounded
    // requests in it.
    pool = new ThreadPoolExecutor(
        few,
        MOST,
        10,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        new DefaultThreadFactory("gochat-client", true));
    pool.allowCoreThreadTimeOut(true);
  }

  @Override
  public void execute(Runnable task) {
    pool.execute(task);
    if (!pool.getQueue().isEmpty()) {
      lookLater();
    }
  }

  private void lookLater() {
    if (looking.compareAndSet(false, true)) {
      CompletableFuture.delayedExecutor(LOOK_AFTER_MS, TimeUnit.MILLISECONDS, Runnable::run)
          .execute(this::look);
    }
  }

  private void look() {
    long completed = pool.getCompletedTaskCount();
    boolean waits = !pool.getQueue().isEmpty();
    if (!waits) {
      pool.setCorePoolSize(few);
    } else if (completed == completedBefore) {
      // Nothing has moved since the last look: those who hold the threads are blocked.
      pool.setCorePoolSize(Math.min(MOST, pool.getCorePoolSize() + few));
    }
    completedBefore = completed;
    looking.set(false);
    if (waits && !pool.isShutdown()) {
      lookLater();
    }
  }

  void shutdown() {
    pool.shutdown();
  }
}
