package io.gochat.server.embedded;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What the committer counts. Thread-safe. */
final class CommitMeters {
  private final MeterRegistry registry;
  private final Timer latency;
  private final DistributionSummary batchSize;
  private final Counter failures;
  private final Counter unreadable;
  private final Counter trimmed;
  private final AtomicLong trimmedBytes = new AtomicLong();

  CommitMeters(MeterRegistry registry, WriteQueue queue) {
    this.registry = registry;
    latency = Timer.builder("gochat.store.commit")
        .description("from taking a batch to answering it")
        .publishPercentileHistogram()
        .register(registry);
    batchSize = DistributionSummary.builder("gochat.store.commit.writes")
        .description("writes in one commit")
        .register(registry);
    failures = registry.counter("gochat.store.commit.failures");
    unreadable = registry.counter("gochat.store.unreadable");
    trimmed = registry.counter("gochat.store.retention.trimmed");
    Gauge.builder("gochat.store.queue", queue, WriteQueue::size)
        .description("writes that wait for their commit")
        .register(registry);
  }

  void committed(long nanos, int writes, long batchBytes, long messagesTrimmed) {
    latency.record(nanos, TimeUnit.NANOSECONDS);
    batchSize.record(writes);
    if (messagesTrimmed > 0) {
      trimmed.increment((double) messagesTrimmed);
      // What goes is about as large as what comes.
      trimmedBytes.addAndGet(messagesTrimmed * (batchBytes / writes));
    }
  }

  void failed() {
    failures.increment();
  }

  void unreadable() {
    unreadable.increment();
  }

  /** What the store itself refuses; the command that fails because of it is counted where it is answered. */
  void refused(String reason) {
    registry.counter("gochat.store.refused", "reason", reason).increment();
  }

  /** How many bytes of trimmed messages await a compaction, roughly, since the store was opened. */
  long trimmedBytes() {
    return trimmedBytes.get();
  }
}
