package io.gochat.server.net;

import io.gochat.server.bounds.Warnings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all connections that are not recognised yet have in common. Thread-safe. */
final class Reception {
  private static final Logger log = LoggerFactory.getLogger(Reception.class);

  private final List<ConnectionProtocol> protocols;
  private final ConnectionLimiter limiter;
  private final PortOptions options;
  private final Warnings warnings = new Warnings(log);
  private final Map<Refusal, Counter> refused = new EnumMap<>(Refusal.class);
  private final Map<String, Counter> accepted = new HashMap<>();

  private volatile boolean closed;

  /** Asks {@code protocols} in this order. */
  Reception(
      List<ConnectionProtocol> protocols,
      PortOptions options,
      ConnectionLimiter limiter,
      MeterRegistry meters) {
    this.limiter = limiter;
    this.protocols = List.copyOf(protocols);
    this.options = options;
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

  PortOptions options() {
    return options;
  }

  /** Who has not said yet what it speaks is sent away within a second. */
  void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  /** Counts it, and tells the operator; {@code cause} says more where there is more to say. */
  void refused(Refusal refusal, Channel channel, @Nullable Throwable cause) {
    String sentence = refusal.sentence();
    if (sentence != null) {
      Object address = RemoteAddress.of(channel);
      warnings.warn(
          refusal.word(), sentence, cause == null ? address : address + ", " + root(cause));
    }
    Counter counter = refused.get(refusal);
    if (counter != null) {
      counter.increment();
    }
  }

  /** OpenSSL's own words stand behind some general ones. */
  private static Throwable root(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }

  void accepted(ConnectionProtocol protocol) {
    Counter counter = accepted.get(protocol.name());
    if (counter != null) {
      counter.increment();
    }
  }
}
