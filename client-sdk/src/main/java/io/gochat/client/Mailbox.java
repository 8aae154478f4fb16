package io.gochat.client;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only door from other threads to a client's event loop. Thread-safe. Whatever many callers put in meanwhile is
 * taken by one task and flushed to the socket once.
 */
final class Mailbox implements Executor {
  private static final Logger log = LoggerFactory.getLogger(ChatClient.class);

  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger wakeUps = new AtomicInteger();
  private final EventLoop loop;
  private final Runnable afterBatch;

  /** Runs {@code afterBatch} on the loop after each batch. */
  Mailbox(EventLoop loop, Runnable afterBatch) {
    this.loop = loop;
    this.afterBatch = afterBatch;
  }

  /**
   * Runs {@code task} on the loop later, in the order of the calls of one thread; also when called on the loop.
   *
   * @throws RejectedExecutionException when the loop was shut down
   */
  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    if (wakeUps.getAndIncrement() == 0) {
      try {
        loop.execute(this::drain);
      } catch (RejectedExecutionException e) {
        tasks.remove(task);
        wakeUps.set(0);
        throw e;
      }
    }
  }

  private void drain() {
    int seen = wakeUps.get();
    do {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        run(task);
      }
      seen = wakeUps.addAndGet(-seen);
    } while (seen != 0);
    run(afterBatch);
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("a bug in the client", e);
    }
  }
}
