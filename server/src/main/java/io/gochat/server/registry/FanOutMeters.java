package io.gochat.server.registry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToLongFunction;

/** Shows what the loops of a fan-out count. Stateless; the loops are asked when somebody scrapes, on that thread. */
final class FanOutMeters {
  private FanOutMeters() {}

  static void bind(MeterRegistry meters, SweepingFanOut fanOut) {
    counter(
        meters,
        fanOut,
        "deliveries",
        LoopCounters.Published::deliveries,
        "Messages and changes of presence written to members, one for each member");
    counter(
        meters,
        fanOut,
        "sends",
        LoopCounters.Published::sends,
        "Writes of messages to members' sockets");
    counter(
        meters,
        fanOut,
        "sent_bytes",
        LoopCounters.Published::sentBytes,
        "Bytes of messages written to members' sockets");
    counter(
        meters,
        fanOut,
        "drop_outs",
        LoopCounters.Published::dropOuts,
        "Times that a member did not keep up, and went on from the log");
    counter(
        meters,
        fanOut,
        "log_reads",
        LoopCounters.Published::logReads,
        "Reads of the log for members that catch up");
    counter(
        meters,
        fanOut,
        "failures",
        LoopCounters.Published::failures,
        "Failed allocations and bugs that were survived while messages were delivered");
    counter(
        meters,
        fanOut,
        "evictions",
        LoopCounters.Published::evictions,
        "Pages of the log that were taken back from members that did not read them");
    Gauge.builder("gochat.fanout.chunk_bytes", () -> fanOut.sum(LoopCounters.Published::heldBytes))
        .description("Bytes of messages that are held for sending")
        .register(meters);
    Gauge.builder("gochat.fanout.topics", fanOut::topics)
        .description("Rooms and inboxes that somebody on this node listens to")
        .register(meters);
  }

  private static void counter(
      MeterRegistry meters,
      SweepingFanOut fanOut,
      String what,
      ToLongFunction<LoopCounters.Published> figure,
      String help) {
    FunctionCounter.builder("gochat.fanout." + what, fanOut, of -> of.sum(figure))
        .description(help)
        .register(meters);
  }
}
