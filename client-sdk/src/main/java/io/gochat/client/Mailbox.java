package io.gochat.client;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The only door from other threads to a client's event loop. Thread-safe. Whatever many callers put in meanwhile is
 * taken by one task and flushed to the socket once.
 */
final class Mailbox implements Executor {
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger wakeUps = new AtomicInteger();
  private final EventLoop loop;
  private final Runnable afterBatch;
  private final Consumer<Throwable> bugs;

  /** Runs {@code afterBatch} on the loop after each batch; {@code bugs} hears of what a task throws. */
  Mailbox(EventLoop loop, Runnable afterBatch, Consumer<Throwable> bugs) {
    this.loop = loop;
    this.afterBatch = afterBatch;
    this.bugs = bugs;
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

  private void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      bugs.accept(e);
    }
  }
}
