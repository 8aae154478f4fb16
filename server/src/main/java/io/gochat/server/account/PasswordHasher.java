package io.gochat.server.account;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.mindrot.jbcrypt.BCrypt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * bcrypt on threads of its own, so that a storm of logins queues here and nowhere else. Thread-safe; nothing blocks.
 * Futures complete on the hasher's threads, and fail with {@link RejectedExecutionException} when the queue is full.
 * Passwords must have passed {@link Passwords}.
 */
public final class PasswordHasher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PasswordHasher.class);
  private static final int MIN_RETRY_MS = 1_000;
  private static final int MAX_RETRY_MS = 30_000;
  private static final long EXPECTED_NANOS = TimeUnit.MILLISECONDS.toNanos(80);

  private final int cost;
  // What an unknown name is checked against. Not a hash of anything: only its salt and cost matter
  // for the work.
  private final String nobodysHash;
  private final ThreadPoolExecutor executor;
  private final Timer timer;
  // Smoothed, racy on purpose: it only feeds the advice when to come again.
  private final AtomicLong meanNanos = new AtomicLong(EXPECTED_NANOS);

  /** {@code threads} threads that hash at {@code cost}, and {@code queue} places to wait for them. */
  public PasswordHasher(int cost, int threads, int queue, MeterRegistry metrics) {
    this.cost = cost;
    this.nobodysHash = BCrypt.gensalt(cost) + "0".repeat(31);
    AtomicInteger number = new AtomicInteger();
    this.executor = new ThreadPoolExecutor(
        threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue), task -> {
          // Behind everything else: a login takes a tenth of a second anyway, a push must not.
          Thread thread =
              new Thread(Background.of(task), "gochat-password-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    this.timer = metrics.timer("gochat.account.hash");
    Gauge.builder("gochat.account.hash.waiting", executor, e -> e.getQueue().size())
        .register(metrics);
  }

  /** A new hash of the password. */
  public CompletableFuture<String> hash(String password) {
    return submit(() -> BCrypt.hashpw(password, BCrypt.gensalt(cost)));
  }

  /** Whether the hash is of this password; a malformed hash is of none. */
  public CompletableFuture<Boolean> matches(String password, String hash) {
    return submit(() -> check(password, hash));
  }

  /** The same work as {@link #matches}, for a name that nobody has; whatever it completes with means no. */
  public CompletableFuture<Boolean> matchesNobody(String password) {
    return submit(() -> check(password, nobodysHash));
  }

  /** When what waits now will have been worked off, roughly, in milliseconds. */
  public int retryAfterMs() {
    long waiting = executor.getQueue().size() + 1L;
    long millis =
        TimeUnit.NANOSECONDS.toMillis(waiting * meanNanos.get() / executor.getCorePoolSize());
    return (int) Math.max(MIN_RETRY_MS, Math.min(MAX_RETRY_MS, millis));
  }

  /** Refuses from now on; what waits fails with {@link RejectedExecutionException}. */
  @Override
  public void close() {
    for (Runnable waiting : executor.shutdownNow()) {
      ((Job<?>) waiting).future.completeExceptionally(new RejectedExecutionException("stopped"));
    }
  }

  // jBCrypt throws where it cannot parse; to a login that is the same as a wrong password.
  private static boolean check(String password, String hash) {
    try {
      return BCrypt.checkpw(password, hash);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      LOG.error("A stored password hash is malformed; its owner cannot log in");
      return false;
    }
  }

  private <T> CompletableFuture<T> submit(Supplier<T> work) {
    CompletableFuture<T> future = new CompletableFuture<>();
    try {
      executor.execute(new Job<>(future, work));
    } catch (RejectedExecutionException e) {
      future.completeExceptionally(e);
    }
    return future;
  }

  private final class Job<T> implements Runnable {
    private final CompletableFuture<T> future;
    private final Supplier<T> work;

    Job(CompletableFuture<T> future, Supplier<T> work) {
      this.future = future;
      this.work = work;
    }

    @Override
    public void run() {
      long start = System.nanoTime();
      T result;
      try {
        result = work.get();
      } catch (RuntimeException e) {
        future.completeExceptionally(e);
        return;
      }
      long nanos = System.nanoTime() - start;
      meanNanos.lazySet(meanNanos.get() - meanNanos.get() / 8 + nanos / 8);
      timer.record(Duration.ofNanos(nanos));
      future.complete(result);
    }
  }
}
