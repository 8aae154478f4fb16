package io.gochat.bench.process;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * What is left to do when somebody ends the program with Ctrl-C: the last that was begun is ended first, so that a run is
 * told before its server and its files go. Thread-safe. Static because the JVM's shutdown is.
 */
public final class AtExit {
  private static final Deque<AtExit> ALL = new ArrayDeque<>();
  private static boolean isHooked;
  private static volatile boolean isUnderWay;

  private final Runnable task;

  private AtExit(Runnable task) {
    this.task = task;
  }

  /** Does it when the program is ended, unless it is {@link #forget forgotten} before. */
  public static AtExit run(Runnable task) {
    AtExit entry = new AtExit(task);
    synchronized (ALL) {
      if (!isHooked) {
        isHooked = true;
        Runtime.getRuntime().addShutdownHook(new Thread(AtExit::runAll, "at-exit"));
      }
      ALL.push(entry);
    }
    return entry;
  }

  /** Whether the program is being ended: what fails now is no failure. */
  public static boolean isUnderWay() {
    return isUnderWay;
  }

  /** It is done. */
  public void forget() {
    synchronized (ALL) {
      ALL.remove(this);
    }
  }

  private static void runAll() {
    isUnderWay = true;
    for (AtExit next = pop(); next != null; next = pop()) {
      next.task.run();
    }
  }

  @Nullable
  private static AtExit pop() {
    synchronized (ALL) {
      return ALL.poll();
    }
  }
}
