package io.gochat.client;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is tried in one round of connecting: the servers in turn, beginning with another one each time, and all addresses
 * of each, which are looked up when its turn comes. Confined to the client's event loop.
 */
final class Route {
  private final ClientOptions options;
  private final Names names;
  private final Steps steps;
  private final Queue<ServerName> servers = new ArrayDeque<>();
  private final Queue<InetSocketAddress> addresses = new ArrayDeque<>();
  private ServerName server;
  private int first;
  private long round;
  private String trouble = "";
  private long delayMs;

  Route(ClientOptions options, Names names, Steps steps) {
    this.options = options;
    this.names = names;
    this.steps = steps;
    int count = options.servers().size();
    this.first = count == 1 ? 0 : options.environment().random().get().nextInt(count);
    this.server = options.servers().get(first);
  }

  /** A new round. */
  void begin() {
    abandon();
    servers.clear();
    addresses.clear();
    trouble = "";
    delayMs = 0;
    List<ServerName> all = options.servers();
    for (int i = 0; i < all.size(); i++) {
      servers.add(all.get((first + i) % all.size()));
    }
    // Whatever becomes of this round, the next begins elsewhere.
    first = (first + 1) % all.size();
  }

  /** The present round is over: of what is being looked up nothing will be told. */
  void abandon() {
    round++;
  }

  /** Tells the next address of the next server, now or when it is looked up; null: all were tried. */
  void next(Consumer<@Nullable Dialer> told) {
    InetSocketAddress address = addresses.poll();
    if (address != null) {
      told.accept(new Dialer(options, server, address, steps.loop()));
      return;
    }
    ServerName following = servers.poll();
    if (following == null) {
      told.accept(null);
    } else if (isAddress(following.host())) {
      server = following;
      addresses.add(new InetSocketAddress(following.host(), following.port()));
      next(told);
    } else {
      lookUp(following, told);
    }
  }

  /** What was tried could not be had; {@code serverDelayMs} 0: nobody said when it can. */
  void missed(String detail, long serverDelayMs) {
    options.metrics().attemptFailed(detail);
    trouble = detail;
    delayMs = Math.max(delayMs, serverDelayMs);
  }

  /** Why the last of them could not be had. */
  String trouble() {
    return trouble;
  }

  /** How long a server wants us to wait; 0: none said. */
  long delayMs() {
    return delayMs;
  }

  private void lookUp(ServerName name, Consumer<@Nullable Dialer> told) {
    long mine = round;
    names
        .addresses(name.host())
        .whenComplete((found, failure) -> steps.onLoop(() -> {
          if (mine == round) {
            if (failure == null) {
              found(name, found);
            } else {
              missed("unknown host " + name.host(), 0);
            }
            next(told);
          }
        }));
  }

  private void found(ServerName name, List<InetAddress> its) {
    server = name;
    its.forEach(address -> addresses.add(new InetSocketAddress(address, name.port())));
  }

  private static boolean isAddress(String host) {
    return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
  }
}
