package io.gochat.server.net;

import io.gochat.server.bounds.AddressKey;
import io.gochat.server.bounds.Warnings;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the number of open connections under its bounds: in all, and from one address. Thread-safe.
 *
 * <p>The last few of the bound are kept for this machine, and for questions of operations only: when everything else is
 * taken, {@code /healthz} still answers. Should they be taken too, the one that came first makes room.
 */
public final class ConnectionLimiter {
  /** Kept for loopback, but never more than an eighth of the bound. */
  private static final int KEPT = 32;

  private static final Logger log = LoggerFactory.getLogger(ConnectionLimiter.class);
  private static final AttributeKey<Boolean> IS_KEPT =
      AttributeKey.valueOf(ConnectionLimiter.class, "kept");

  private final int keep;
  private volatile int maxConnections;
  private volatile int maxPerAddress;
  private final AtomicInteger open = new AtomicInteger();
  private final ConcurrentHashMap<AddressKey, Integer> byAddress = new ConcurrentHashMap<>();
  private final Queue<Channel> kept = new ArrayDeque<>(); // guarded by itself
  private final Counter refused;
  private final Counter refusedAddress;
  private final Warnings warnings = new Warnings(log);
  // One listener for all connections.
  private final ChannelFutureListener onClosed = closed -> open.decrementAndGet();

  /** At most {@code maxConnections} at once; 0: no limit. */
  public ConnectionLimiter(int maxConnections, MeterRegistry meters) {
    this(maxConnections, 0, meters);
  }

  /** At most {@code maxConnections} at once, and {@code maxPerAddress} from one address; 0: no limit. */
  public ConnectionLimiter(int maxConnections, int maxPerAddress, MeterRegistry meters) {
    this(KEPT, maxConnections, maxPerAddress, "limit", "gochat.connections.open", meters);
  }

  /** As above, but keeps none for questions of operations, which have a port of their own. */
  public static ConnectionLimiter keepingNone(
      int maxConnections, int maxPerAddress, MeterRegistry meters) {
    return new ConnectionLimiter(
        0, maxConnections, maxPerAddress, "limit", "gochat.connections.open", meters);
  }

  private ConnectionLimiter(
      int keep,
      int maxConnections,
      int maxPerAddress,
      String reason,
      String gauge,
      MeterRegistry meters) {
    this.keep = keep;
    this.maxConnections = maxConnections;
    this.maxPerAddress = maxPerAddress;
    this.refused = refused(reason, meters);
    this.refusedAddress = refused("address", meters);
    Gauge.builder(gauge, open, AtomicInteger::get)
        .description("Open connections, whatever they speak")
        .register(meters);
  }

  /** For the operators' own port, whose connections are counted apart. */
  public static ConnectionLimiter ofOperations(int maxConnections, MeterRegistry meters) {
    return new ConnectionLimiter(
        0, maxConnections, 0, "operations", "gochat.operations.connections.open", meters);
  }

  private static Counter refused(String reason, MeterRegistry meters) {
    return Counter.builder("gochat.connections.refused")
        .description(
            "Connections closed at once because there were too many: in all, or from one address")
        .tag("reason", reason)
        .register(meters);
  }

  /** Lets in no more than so many from now on; those that are open stay. */
  public void lowerTo(int connections) {
    if (maxConnections == 0 || connections < maxConnections) {
      maxConnections = Math.max(1, connections);
    }
  }

  /** So many from one address from now on; 0: no limit. Those that are open stay. */
  public void limitPerAddress(int connections) {
    maxPerAddress = connections;
  }

  /** Counts the connection in until it closes; false when there is no room for it, which is counted and told. */
  boolean admit(Channel channel) {
    int now = open.incrementAndGet();
    int most = maxConnections;
    int keptOfThem = Math.min(keep, most / 8);
    if (most > 0 && now > most - keptOfThem) {
      InetAddress peer = RemoteAddress.ofPeer(channel).getAddress();
      if (keptOfThem == 0 || !peer.isLoopbackAddress()) {
        open.decrementAndGet();
        refused.increment();
        warnings.warn(
            "limit", "connections are refused: all " + most + " are open; the last from", peer);
        return false;
      }
      keep(channel, keptOfThem);
    }
    channel.closeFuture().addListener(onClosed);
    return true;
  }

  private void keep(Channel channel, int most) {
    channel.attr(IS_KEPT).set(true);
    Channel first = null;
    synchronized (kept) {
      kept.add(channel);
      if (kept.size() > most) {
        first = kept.poll();
      }
    }
    channel.closeFuture().addListener(closed -> {
      synchronized (kept) {
        kept.remove(channel);
      }
    });
    if (first != null) {
      refused.increment();
      first.close();
    }
  }

  /** Whether it is one of those that are kept for questions of operations. Any thread. */
  public static boolean isKept(Channel channel) {
    return channel.hasAttr(IS_KEPT);
  }

  /** Counts the connection for its client's address until it closes; false, counted and told, when that has enough. */
  boolean admit(Channel channel, InetAddress client) {
    if (maxPerAddress == 0) {
      return true;
    }
    AddressKey key = AddressKey.of(client);
    int now = byAddress.merge(key, 1, Integer::sum);
    if (now > maxPerAddress) {
      leave(key);
      refusedAddress.increment();
      warnings.warn(
          "address",
          "connections are refused: --max-connections-per-address is reached by",
          client);
      return false;
    }
    channel.closeFuture().addListener(closed -> leave(key));
    return true;
  }

  private void leave(AddressKey key) {
    byAddress.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
  }

  /** How many connections are open. */
  public int open() {
    return open.get();
  }
}
