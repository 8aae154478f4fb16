package io.gochat.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What a store counts, by the same names whichever it is. Thread-safe; recording neither locks nor allocates, and is done
 * once per publish or commit, never per delivery.
 */
public final class StoreMeters {
  private final Timer commit;
  private final DistributionSummary writes;
  private final Timer durable;
  private final Timer handedOver;
  private final Counter failures;
  private final Counter unreadable;
  private final Counter trimmed;
  private final Counter epochChanges;
  private final Counter queueFull;

  /** {@code queued} says how many writes wait, {@code full} whether publishes are refused for want of room. */
  public StoreMeters(MeterRegistry meters, Supplier<Number> queued, BooleanSupplier full) {
    commit = Histograms.timer(
            "gochat.store.commit", "From taking a batch of writes to answering it")
        .register(meters);
    writes = DistributionSummary.builder("gochat.store.commit.writes")
        .description("Writes in one commit")
        .register(meters);
    durable = Histograms.timer(
            "gochat.publish.durable",
            "From a publish being queued for the store to its being as durable as was asked for")
        .register(meters);
    handedOver = handedOver(meters);
    failures = counter(
        meters, "gochat.store.commit.failures", "Commits that failed, with all writes in them");
    unreadable = counter(
        meters,
        "gochat.store.unreadable",
        "Writes that failed because what they need cannot be read from the store");
    trimmed = counter(
        meters,
        "gochat.store.retention.trimmed",
        "Messages that retention took; not known, and 0, on Redis, which trims by itself");
    epochChanges = epochChanges(meters);
    queueFull = refused(meters, "store_queue");
    Gauge.builder("gochat.store.queue", queued)
        .description("Writes that wait for their commit")
        .register(meters);
    Gauge.builder("gochat.store.full", full, is -> is.getAsBoolean() ? 1 : 0)
        .description("1: publishes are refused because the store has no room")
        .strongReference(true)
        .register(meters);
  }

  private static Counter counter(MeterRegistry meters, String name, String help) {
    return Counter.builder(name).description(help).register(meters);
  }

  /** Writes that the store itself refused; the command that fails because of it is counted where it is answered. */
  public static Counter refused(MeterRegistry meters, String reason) {
    return Counter.builder("gochat.store.refused")
        .description("Writes and reads that the store refused, by what it lacked")
        .tag("reason", reason)
        .register(meters);
  }

  /** Times that the log began anew, because something that was answered may be gone. */
  public static Counter epochChanges(MeterRegistry meters) {
    return counter(
        meters,
        "gochat.store.epoch.changes",
        "Times that the store had lost something, and said so");
  }

  /** From a publish being queued for the store to its message being handed to the event loops. */
  public static Timer handedOver(MeterRegistry meters) {
    return Histograms.timer(
            "gochat.publish.handed.over",
            "From a publish being queued for the store to its message being handed to the event loops")
        .register(meters);
  }

  /** A batch was written and answered. */
  public void committed(long nanos, int count) {
    commit.record(nanos, TimeUnit.NANOSECONDS);
    writes.record(count);
  }

  /** A publish that was queued so long ago is durable. */
  public void durable(long nanos) {
    durable.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** What was published so long ago is with the event loops. */
  public void handedOver(long nanos) {
    handedOver.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** A commit failed. */
  public void failed() {
    failures.increment();
  }

  /** What a write needs cannot be read. */
  public void unreadable() {
    unreadable.increment();
  }

  /** Retention took so many messages. */
  public void trimmed(long messages) {
    trimmed.increment((double) messages);
  }

  /** The log began anew. */
  public void epochChanged() {
    epochChanges.increment();
  }

  /** A write found the queue full. */
  public void queueFull() {
    queueFull.increment();
  }
}
