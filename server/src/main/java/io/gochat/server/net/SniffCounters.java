package io.gochat.server.net;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What became of new connections. Thread-safe. */
final class SniffCounters {
  private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);
  private final Map<String, Counter> accepted = new HashMap<>();

  SniffCounters(MeterRegistry meters, List<ConnectionProtocol> protocols) {
    for (Refusal refusal : Refusal.values()) {
      refused.put(
          refusal,
          Counter.builder("gochat.sniff.refused")
              .description("Connections that ended before any protocol had them")
              .tag("reason", refusal.word())
              .register(meters));
    }
    for (ConnectionProtocol protocol : protocols) {
      accepted.put(
          protocol.name(),
          Counter.builder("gochat.sniff.accepted")
              .description("Connections handed to a protocol")
              .tag("protocol", protocol.name())
              .register(meters));
    }
  }

  void refused(Refusal refusal) {
    Counter counter = refused.get(refusal);
    if (counter != null) {
      counter.increment();
    }
  }

  void accepted(ConnectionProtocol protocol) {
    Counter counter = accepted.get(protocol.name());
    if (counter != null) {
      counter.increment();
    }
  }
}
