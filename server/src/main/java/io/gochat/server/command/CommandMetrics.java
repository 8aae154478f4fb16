package io.gochat.server.command;

import io.gochat.protocol.ErrorKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What the connections of one protocol count. Thread-safe. */
public final class CommandMetrics {
  private final MeterRegistry meters;
  private final String prefix;
  private final Map<ErrorKind, Counter> refused = new EnumMap<>(ErrorKind.class);
  private final Map<String, Counter> closed = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  final Counter commands;

  CommandMetrics(MeterRegistry meters, String protocol) {
    this.meters = meters;
    this.prefix = "gochat." + protocol;
    for (ErrorKind kind : ErrorKind.values()) {
      refused.put(
          kind, Counter.builder("gochat.refused").tag("reason", kind.word()).register(meters));
    }
    Gauge.builder(prefix + ".connections", connections, AtomicInteger::get).register(meters);
    commands = Counter.builder(prefix + ".commands").register(meters);
  }

  /** A command was answered with {@code Error}. */
  void refused(ErrorKind kind) {
    Counter counter = refused.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  /** The server closes a connection, for a reason of a fixed set of words. */
  void closing(String reason) {
    closed
        .computeIfAbsent(
            reason,
            word -> Counter.builder(prefix + ".closed").tag("reason", word).register(meters))
        .increment();
  }

  void connected() {
    connections.incrementAndGet();
  }

  void disconnected() {
    connections.decrementAndGet();
  }
}
