package io.gochat.client;

import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * What is tried in one round of connecting: the servers in turn, beginning with another one each time, and all addresses
 * of each. Confined to the client's event loop.
 */
final class Route {
  private final ClientOptions options;
  private final Queue<ServerName> servers = new ArrayDeque<>();
  private final Queue<InetSocketAddress> addresses = new ArrayDeque<>();
  private ServerName server;
  private int first;
  private String trouble = "";
  private long delayMs;

  Route(ClientOptions options) {
    this.options = options;
    int count = options.servers().size();
    this.first = count == 1 ? 0 : options.environment().random().get().nextInt(count);
    this.server = options.servers().get(first);
  }

  /** A new round. */
  void begin() {
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

  /** The next address of the present server; null: it has no more. */
  @Nullable
  Transport nextAddress(EventLoop loop) {
    InetSocketAddress address = addresses.poll();
    return address == null ? null : new Transport(options, server, address, loop);
  }

  /** The next server; null: all were tried. */
  @Nullable
  ServerName nextServer() {
    return servers.poll();
  }

  /** These are the addresses of {@code of}, which is the present server from now on. */
  void found(ServerName of, List<InetSocketAddress> its) {
    server = of;
    addresses.addAll(its);
  }

  /** What was tried could not be had; {@code serverDelayMs} 0: nobody said when it can. */
  void missed(String detail, long serverDelayMs) {
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
}
