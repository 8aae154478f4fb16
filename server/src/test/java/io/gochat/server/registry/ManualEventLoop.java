package io.gochat.server.registry;

import io.gochat.server.net.EndlessLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** An event loop whose tasks run when the test says so, on the thread that says it. {@link #execute}: thread-safe. */
final class ManualEventLoop extends EndlessLoop {
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** The most tasks that ever waited at once. */
  final AtomicInteger mostWaiting = new AtomicInteger();

  @Override
  public void execute(Runnable task) {
    mostWaiting.accumulateAndGet(waiting.incrementAndGet(), Math::max);
    tasks.add(task);
  }

  /** Runs what waits until nothing does. */
  void runTasks() {
    Runnable task = tasks.poll();
    while (task != null) {
      waiting.decrementAndGet();
      task.run();
      task = tasks.poll();
    }
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return true;
  }
}
