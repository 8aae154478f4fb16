package io.gochat.server.redis;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the committer counts, by the names that the embedded store has for it. Thread-safe. */
final class CommitMeters {
  private final Timer latency;
  private final DistributionSummary writes;
  private final Counter failures;
  private final Counter queueFull;

  CommitMeters(MeterRegistry registry, Supplier<Number> queued) {
    latency = Timer.builder("gochat.store.commit")
        .description("from taking a batch to answering it")
        .publishPercentileHistogram()
        .register(registry);
    writes = DistributionSummary.builder("gochat.store.commit.writes")
        .description("writes in one commit")
        .register(registry);
    failures = registry.counter("gochat.store.commit.failures");
    queueFull = registry.counter("gochat.store.refused", "reason", "store_queue");
    Gauge.builder("gochat.store.queue", queued)
        .description("writes that wait for their commit")
        .register(registry);
  }

  void committed(long nanos, int messages) {
    latency.record(nanos, TimeUnit.NANOSECONDS);
    writes.record(messages);
  }

  void failed() {
    failures.increment();
  }

  void queueFull() {
    queueFull.increment();
  }
}
