package io.gochat.server.net;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What all connections that are not recognised yet have in common. Thread-safe. */
final class Reception {
  private final List<ConnectionProtocol> protocols;
  private final ConnectionLimiter limiter;
  private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);
  private final Map<String, Counter> accepted = new HashMap<>();

  private volatile boolean closed;

  /** Asks {@code protocols} in this order. */
  Reception(List<ConnectionProtocol> protocols, ConnectionLimiter limiter, MeterRegistry meters) {
    this.limiter = limiter;
    this.protocols = List.copyOf(protocols);
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

  List<ConnectionProtocol> protocols() {
    return protocols;
  }

  ConnectionLimiter limiter() {
    return limiter;
  }

  /** Who has not said yet what it speaks is sent away within a second. */
  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
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
