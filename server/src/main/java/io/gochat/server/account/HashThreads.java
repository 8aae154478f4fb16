package io.gochat.server.account;

import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Where passwords are hashed: on threads that let all others go first, and, while few are asked for, on one that steps
 * back half as far. Thread-safe; nothing blocks.
 *
 * <p>A storm of logins must not delay a push, so it stays behind everything else. But who is behind everything else gets
 * next to nothing while others keep the cores busy, and a single login would wait for seconds for its 70 ms of work.
 */
final class HashThreads implements AutoCloseable {
  /** So many within {@link #windowNs} are few: about a quarter of one core. */
  private static final int FEW = 4;

  private static final int USUAL_COST = 10;
  private static final int LAST_IN_LINE = 19;
  private static final int BETWEEN = 10;

  private final ExecutorService behind;
  private final ExecutorService ahead;
  private final long windowNs;
  private final LongSupplier nanoTime;
  private final long[] latest = new long[FEW]; // guarded by this; a ring
  private int next; // guarded by this

  /**
   * On these, which are shut down with this.
   *
   * @param ahead may refuse; what it refuses goes {@code behind}
   * @param cost of the hashes
   */
  HashThreads(ExecutorService behind, ExecutorService ahead, int cost, LongSupplier nanoTime) {
    this.behind = behind;
    this.ahead = ahead;
    this.windowNs = TimeUnit.SECONDS.toNanos(1) << Math.max(0, cost - USUAL_COST);
    this.nanoTime = nanoTime;
    Arrays.fill(latest, nanoTime.getAsLong() - windowNs);
  }

  /** With {@code threads} behind everything else, and one before those. */
  static HashThreads start(int threads, int cost) {
    ThreadFactory aheadOfThem = task -> daemon(Background.of(task, BETWEEN), "gochat-pass-few");
    AtomicInteger number = new AtomicInteger();
    return new HashThreads(
        // Its queue holds one task per place that is taken, so it is as bounded as the places are.
        Executors.newFixedThreadPool(
            threads,
            task -> daemon(
                Background.of(task, LAST_IN_LINE), "gochat-password-" + number.incrementAndGet())),
        new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(FEW), aheadOfThem),
        cost,
        System::nanoTime);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Runs it soon; {@link RejectedExecutionException}: closed. */
  void execute(Runnable task) {
    if (areFew()) {
      try {
        ahead.execute(task);
        return;
      } catch (RejectedExecutionException e) {
        // It has enough to do, or is closed, which the others say too.
      }
    }
    behind.execute(task);
  }

  private synchronized boolean areFew() {
    long now = nanoTime.getAsLong();
    boolean few = now - latest[next] >= windowNs;
    latest[next] = now;
    next = (next + 1) % FEW;
    return few;
  }

  /** What has not begun is not run. */
  @Override
  public void close() {
    behind.shutdownNow();
    ahead.shutdownNow();
  }
}
