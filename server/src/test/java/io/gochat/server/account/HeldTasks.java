package io.gochat.server.account;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Keeps tasks, as many as there is room for, and runs them in their order when it is told to. Not thread-safe. */
final class HeldTasks extends AbstractExecutorService {
  final Deque<Runnable> tasks = new ArrayDeque<>();
  private final int room;

  HeldTasks(int room) {
    this.room = room;
  }

  void run(int many) {
    for (int i = 0; i < many; i++) {
      tasks.remove().run();
    }
  }

  void runAll() {
    run(tasks.size());
  }

  @Override
  public void execute(Runnable task) {
    if (tasks.size() == room) {
      throw new RejectedExecutionException("full");
    }
    tasks.add(task);
  }

  @Override
  public void shutdown() {}

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return true;
  }
}
