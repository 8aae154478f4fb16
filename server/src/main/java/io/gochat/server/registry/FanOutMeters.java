package io.gochat.server.registry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** Shows what the loops of a fan-out count. Thread-safe; the loops are asked when somebody scrapes, on that thread. */
final class FanOutMeters {
  private final List<LoopCounters> loops;

  private FanOutMeters(List<LoopCounters> loops) {
    this.loops = loops;
  }

  static void bind(MeterRegistry meters, List<LoopCounters> loops, Supplier<Number> topics) {
    FanOutMeters shown = new FanOutMeters(loops);
    shown.bindCounters(meters);
    shown.bindGauges(meters, topics);
  }

  private void bindCounters(MeterRegistry meters) {
    counter(
        meters,
        "deliveries",
        LoopCounters.Published::deliveries,
        "Messages and changes of presence written to members, one for each member");
    counter(
        meters, "sends", LoopCounters.Published::sends, "Writes of messages to members' sockets");
    counter(
        meters,
        "sent_bytes",
        LoopCounters.Published::sentBytes,
        "Bytes of messages written to members' sockets");
    bindCountersOfTheSlow(meters);
  }

  private void bindCountersOfTheSlow(MeterRegistry meters) {
    counter(
        meters,
        "drop_outs",
        LoopCounters.Published::dropOuts,
        "Times that a member did not keep up, and went on from the log");
    counter(
        meters,
        "log_reads",
        LoopCounters.Published::logReads,
        "Reads of the log for members that catch up");
    counter(
        meters,
        "failures",
        LoopCounters.Published::failures,
        "Failed allocations and bugs that were survived while messages were delivered");
    counter(
        meters,
        "evictions",
        LoopCounters.Published::evictions,
        "Pages of the log that were taken back from members that did not read them");
  }

  // The registry holds what counters ask weakly; this one is held by the supplier of a gauge.
  private void bindGauges(MeterRegistry meters, Supplier<Number> topics) {
    Gauge.builder("gochat.fanout.chunk_bytes", () -> sum(LoopCounters.Published::heldBytes))
        .description("Bytes of messages that are held for sending")
        .register(meters);
    Gauge.builder("gochat.fanout.topics", topics)
        .description("Rooms and inboxes that somebody on this node listens to")
        .register(meters);
  }

  private long sum(ToLongFunction<LoopCounters.Published> figure) {
    long sum = 0;
    for (LoopCounters loop : loops) {
      sum += figure.applyAsLong(loop.read());
    }
    return sum;
  }

  private void counter(
      MeterRegistry meters,
      String what,
      ToLongFunction<LoopCounters.Published> figure,
      String help) {
    FunctionCounter.builder("gochat.fanout." + what, this, all -> all.sum(figure))
        .description(help)
        .register(meters);
  }
}
