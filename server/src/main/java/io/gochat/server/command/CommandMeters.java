package io.gochat.server.command;

import io.gochat.protocol.ClientFrame.CommandCase;
import io.gochat.protocol.ErrorKind;
import io.gochat.server.metrics.RefusedCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What the connections of one protocol count. Thread-safe. */
public final class CommandMeters {
  private final MeterRegistry meters;
  private final String prefix;
  private final RefusedCommands refused;
  private final Map<CommandCase, Counter> commands = new EnumMap<>(CommandCase.class);
  private final Map<String, Counter> closed = new ConcurrentHashMap<>();
  private final AtomicInteger connections = new AtomicInteger();

  CommandMeters(MeterRegistry meters, String protocol) {
    this.meters = meters;
    this.prefix = "gochat." + protocol;
    this.refused = new RefusedCommands(meters);
    Gauge.builder(prefix + ".connections", connections, AtomicInteger::get)
        .description("Open connections that speak this protocol")
        .register(meters);
    for (CommandCase kind : CommandCase.values()) {
      commands.put(kind, ofKind(kind));
    }
  }

  private Counter ofKind(CommandCase kind) {
    String word = kind == CommandCase.COMMAND_NOT_SET ? "unknown" : kind.name();
    return Counter.builder(prefix + ".commands")
        .description("Commands that arrived, by kind")
        .tag("command", word.toLowerCase(Locale.ROOT))
        .register(meters);
  }

  /** A command arrived. */
  void arrived(CommandCase kind) {
    Counter counter = commands.get(kind);
    if (counter != null) {
      counter.increment();
    }
  }

  /** A command was answered with {@code Error}. */
  void refused(ErrorKind kind, String detail) {
    refused.count(kind, detail);
  }

  /** The server closes a connection, for a reason of a fixed set of words. */
  void closing(String reason) {
    closed.computeIfAbsent(reason, this::closedFor).increment();
  }

  private Counter closedFor(String reason) {
    return Counter.builder(prefix + ".closed")
        .description("Connections of this protocol that the server closed, by reason")
        .tag("reason", reason)
        .register(meters);
  }

  void connected() {
    connections.incrementAndGet();
  }

  void disconnected() {
    connections.decrementAndGet();
  }
}
