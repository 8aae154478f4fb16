package io.gochat.server.embedded;

import io.gochat.server.metrics.StoreMeters;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the committer counts. {@link #unavailable}, {@link #full}, {@link #queueFull} and {@link #trimmedBytes} from any thread, everything
 * else on the committer's.
 */
final class CommitMeters {
  private final StoreMeters store;
  private final Counter unavailable;
  private final Counter full;
  private final AtomicLong trimmedBytes = new AtomicLong();

  /** When the publishes of this batch were queued. Kept apart: the writes themselves are let go before all is told. */
  private final long[] queuedNanos;

  private int publishes;

  /** For batches of at most {@code most} writes. */
  CommitMeters(MeterRegistry meters, WriteQueue queue, DiskGuard disk, int most) {
    store = new StoreMeters(meters, queue::size, disk::isFull);
    unavailable = StoreMeters.refused(meters, "store_unavailable");
    full = StoreMeters.refused(meters, "disk");
    queuedNanos = new long[most];
  }

  void begin() {
    publishes = 0;
  }

  /** A publish that was queued then is in this batch, and was answered. */
  void answered(PublishWrite publish) {
    queuedNanos[publishes++] = publish.queuedNanos();
  }

  /** All of the batch were answered. */
  void committed(
      long startedNanos, long nowNanos, int writes, long batchBytes, long messagesTrimmed) {
    store.committed(nowNanos - startedNanos, writes);
    for (int i = 0; i < publishes; i++) {
      store.durable(nowNanos - queuedNanos[i]);
    }
    if (messagesTrimmed > 0) {
      store.trimmed(messagesTrimmed);
      // What goes is about as large as what comes.
      trimmedBytes.addAndGet(messagesTrimmed * (batchBytes / writes));
    }
  }

  /** The event loops have what was published. */
  void handedOver(long nowNanos) {
    for (int i = 0; i < publishes; i++) {
      store.handedOver(nowNanos - queuedNanos[i]);
    }
  }

  void failed() {
    store.failed();
  }

  void unreadable() {
    store.unreadable();
  }

  void epochChanged() {
    store.epochChanged();
  }

  /** What the store itself refuses; the command that fails because of it is counted where it is answered. */
  void unavailable() {
    unavailable.increment();
  }

  void full() {
    full.increment();
  }

  void queueFull() {
    store.queueFull();
  }

  /** How many bytes of trimmed messages await a compaction, roughly, since the store was opened. */
  long trimmedBytes() {
    return trimmedBytes.get();
  }
}
