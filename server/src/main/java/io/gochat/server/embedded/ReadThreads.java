package io.gochat.server.embedded;

import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.metrics.StoreMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The few threads on which the store is read; never the caller's, but for what is in memory. Thread-safe; bounded: beyond it reads are refused. Who
 * looks one thing up does not stand behind those who read much: a crowd that fetches history must not keep others from
 * logging in.
 */
final class ReadThreads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ReadThreads.class);

  private final OpenStore store;
  private final ThreadPoolExecutor executor;
  private final int mostQueued;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicLong numbers = new AtomicLong();
  private final Counter refused;

  ReadThreads(OpenStore store, int threads, int queued, MeterRegistry meters) {
    this.store = store;
    this.mostQueued = queued;
    AtomicInteger number = new AtomicInteger();
    executor = new ThreadPoolExecutor(
        threads, threads, 10, TimeUnit.SECONDS, new PriorityBlockingQueue<>(), task -> {
          Thread thread = new Thread(task, "gochat-store-read-" + number.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
    executor.allowCoreThreadTimeOut(true);
    refused = StoreMeters.refused(meters, "store_reads");
  }

  /** A read in its place: what is short before what is long, each in the order of its coming. */
  private record Waiting(boolean isLong, long number, Runnable read)
      implements Runnable, Comparable<Waiting> {
    @Override
    public void run() {
      read.run();
    }

    @Override
    public int compareTo(Waiting other) {
      return isLong == other.isLong
          ? Long.compare(number, other.number)
          : Boolean.compare(isLong, other.isLong);
    }
  }

  /**
   * Looks something up: at once, on the caller's thread, if it is in memory; else as {@link #walk}, but before all that is
   * walked through. {@code read} has no effects, because it may be tried twice; it finds something, never null.
   */
  <T> CompletableFuture<T> lookUp(OpenStore.Read<T> read) {
    try {
      T found = store.readAtOnce(read);
      if (found != null) {
        return CompletableFuture.completedFuture(found);
      }
    } catch (RocksDBException | IOException | RuntimeException e) {
      log.debug("{}: it is looked up again, and told of if it fails then", e.toString());
    }
    return submit(read, false);
  }

  /**
   * Reads on one of the threads; completes exceptionally with {@link StoreUnavailableException}, or with
   * {@link RejectedExecutionException} when too many reads wait.
   */
  <T> CompletableFuture<T> walk(OpenStore.Read<T> read) {
    return submit(read, true);
  }

  private <T> CompletableFuture<T> submit(OpenStore.Read<T> read, boolean isLong) {
    if (waiting.incrementAndGet() > mostQueued) {
      waiting.decrementAndGet();
      refused.increment();
      return CompletableFuture.failedFuture(
          new RejectedExecutionException("too many reads are waiting for the store"));
    }
    CompletableFuture<T> result = new CompletableFuture<>();
    try {
      executor.execute(new Waiting(isLong, numbers.incrementAndGet(), () -> {
        waiting.decrementAndGet();
        run(read, result);
      }));
    } catch (RejectedExecutionException e) {
      waiting.decrementAndGet();
      refused.increment();
      result.completeExceptionally(new StoreUnavailableException("the store is closed"));
    }
    return result;
  }

  private <T> void run(OpenStore.Read<T> read, CompletableFuture<T> result) {
    T value;
    try {
      value = store.read(read);
    } catch (OpenStore.NotOpenException e) {
      result.completeExceptionally(new StoreUnavailableException(String.valueOf(e.getMessage())));
      return;
    } catch (RocksDBException | IOException e) {
      log.warn("the store cannot be read: {}", e.toString());
      result.completeExceptionally(
          new StoreUnavailableException("the store cannot be read: " + e.getMessage(), e));
      return;
    } catch (RuntimeException | Error e) {
      log.error("a read of the store failed", e);
      result.completeExceptionally(e);
      return;
    }
    result.complete(value); // outside of the store's lock: callers may do anything
  }

  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
