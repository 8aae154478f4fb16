package io.gochat.server.net;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Keeps the number of open connections under its bound. Thread-safe. */
public final class ConnectionLimiter {
  private volatile int maxConnections;
  private final AtomicInteger open = new AtomicInteger();
  private final Counter refused;
  // One listener for all connections.
  private final ChannelFutureListener onClosed = closed -> open.decrementAndGet();

  /** At most {@code maxConnections} at once; 0: no limit. */
  public ConnectionLimiter(int maxConnections, MeterRegistry meters) {
    this.maxConnections = maxConnections;
    this.refused = Counter.builder("gochat.connections.refused")
        .description("Connections closed at once because there were too many")
        .tag("reason", "limit")
        .register(meters);
    Gauge.builder("gochat.connections.open", open, AtomicInteger::get)
        .description("Open connections, whatever they speak")
        .register(meters);
  }

  /** Lets in no more than so many from now on; those that are open stay. */
  public void lowerTo(int connections) {
    if (maxConnections == 0 || connections < maxConnections) {
      maxConnections = Math.max(1, connections);
    }
  }

  /** Counts the connection in until it closes; false when there is no room for it, which is counted. */
  boolean admit(Channel channel) {
    int now = open.incrementAndGet();
    int most = maxConnections;
    if (most > 0 && now > most) {
      open.decrementAndGet();
      refused.increment();
      return false;
    }
    channel.closeFuture().addListener(onClosed);
    return true;
  }

  /** How many connections are open. */
  public int open() {
    return open.get();
  }
}
