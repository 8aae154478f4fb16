package io.gochat.server.account;

import io.gochat.server.bounds.AddressKey;
import io.gochat.server.bounds.FairQueue;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * bcrypt on threads of its own, so that a storm of logins queues here and nowhere else. Thread-safe; nothing blocks.
 * Futures complete on the hasher's threads, and fail with {@link RejectedExecutionException} when there was no place to
 * wait, or the place went to somebody else. Passwords must have passed {@link Passwords}.
 *
 * <p>Who waits takes turns by address, and within an address by lane: see {@link FairQueue}.
 */
final class PasswordHasher implements AutoCloseable {
  private static final int MIN_RETRY_MS = 1_000;
  private static final int MAX_RETRY_MS = 30_000;
  private static final long EXPECTED_NANOS = TimeUnit.MILLISECONDS.toNanos(80);

  private final Bcrypt bcrypt;
  private final int threads;
  private final HashThreads executor;
  private final FairQueue<AddressKey, Object, Job<?>> waiting;
  private final Timer timer;
  // Smoothed, racy on purpose: it only feeds the advice when to come again.
  private final AtomicLong meanNanos = new AtomicLong(EXPECTED_NANOS);
  private volatile boolean closed;

  /**
   * Hashes at {@code cost}; {@code queue} places to wait.
   *
   * @param executor runs one hash per task; closed with this
   * @param threads about as many at once
   */
  PasswordHasher(int cost, HashThreads executor, int threads, int queue, MeterRegistry meters) {
    this.bcrypt = new Bcrypt(cost);
    this.executor = executor;
    this.threads = threads;
    this.waiting = new FairQueue<>(queue);
    this.timer = Timer.builder("gochat.account.hash")
        .description("Time that the hashing of one password took")
        .register(meters);
    Gauge.builder("gochat.account.hash.waiting", waiting, FairQueue::size)
        .description("Passwords that wait to be hashed")
        .register(meters);
  }

  /** On threads of its own, {@code threads} and one. */
  static PasswordHasher start(int cost, int threads, int queue, MeterRegistry meters) {
    return new PasswordHasher(cost, HashThreads.start(threads, cost), threads, queue, meters);
  }

  /** Whose turn a hash waits for: an address, and a name or an occasion within it. */
  record Turn(AddressKey from, Object lane) {}

  /** A new hash of the password. */
  CompletableFuture<String> hash(String password, Turn turn) {
    return submit(turn, () -> bcrypt.hash(password));
  }

  /**
   * Whether the hash is of this password; null or malformed, it is of none. A "no" takes the same time whatever the
   * hash is, so that the time does not tell who exists.
   */
  CompletableFuture<Boolean> matches(String password, @Nullable String hash, Turn turn) {
    return submit(turn, () -> bcrypt.matches(password, hash));
  }

  /** Whether the hash was made at another cost than is asked for now. */
  boolean isOutdated(String hash) {
    return bcrypt.isOutdated(hash);
  }

  /** When what waits now will have been worked off, roughly, in milliseconds. */
  int retryAfterMs() {
    long millis = TimeUnit.NANOSECONDS.toMillis((waiting.size() + 1L) * meanNanos.get() / threads);
    return (int) Math.max(MIN_RETRY_MS, Math.min(MAX_RETRY_MS, millis));
  }

  /** Refuses from now on; what waits fails with {@link RejectedExecutionException}. */
  @Override
  public void close() {
    closed = true;
    executor.close();
    refuseWaiting();
  }

  private void refuseWaiting() {
    for (Job<?> job = waiting.poll(); job != null; job = waiting.poll()) {
      job.refuse("stopped");
    }
  }

  private <T> CompletableFuture<T> submit(Turn turn, Supplier<T> work) {
    Job<T> job = new Job<>(work);
    Job<?> displaced = waiting.offer(turn.from(), turn.lane(), job);
    if (displaced != null) {
      displaced.refuse("no place left to wait for a password hash");
    } else {
      try {
        executor.execute(this::runNext); // as many tasks as there are places taken
      } catch (RejectedExecutionException e) {
        refuseWaiting();
      }
    }
    if (closed) {
      refuseWaiting(); // it slipped in behind the last look of close
    }
    return job.future;
  }

  private void runNext() {
    Job<?> job = waiting.poll();
    if (job != null) {
      job.run();
    }
  }

  private void took(long nanos) {
    meanNanos.lazySet(meanNanos.get() - meanNanos.get() / 8 + nanos / 8);
    timer.record(Duration.ofNanos(nanos));
  }

  private final class Job<T> {
    final CompletableFuture<T> future = new CompletableFuture<>();
    private final Supplier<T> work;

    Job(Supplier<T> work) {
      this.work = work;
    }

    void run() {
      long start = System.nanoTime();
      T result;
      try {
        result = work.get();
      } catch (RuntimeException | Error e) {
        future.completeExceptionally(e);
        return;
      }
      took(System.nanoTime() - start);
      future.complete(result);
    }

    void refuse(String why) {
      future.completeExceptionally(new RejectedExecutionException(why));
    }
  }
}
