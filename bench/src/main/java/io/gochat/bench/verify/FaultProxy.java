package io.gochat.bench.verify;

import io.gochat.bench.common.LoopGroups;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy between the clients and the server that can cut and stall single connections at chosen moments. Its own
 * address never changes, while the server behind it comes and goes on other ports. Thread-safe.
 */
final class FaultProxy implements AutoCloseable {
  // Small, so that a receiver that does not read is felt by the server and not hoarded by two
  // kernels.
  private static final int SOCKET_BUFFER_BYTES = 8 * 1024;

  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Set<ProxyLink> links = ConcurrentHashMap.newKeySet();
  private final Map<FaultKind, AtomicLong> fired = new EnumMap<>(FaultKind.class);
  private final WireTap tap = new WireTap();
  private final AtomicLong accepted = new AtomicLong();
  private final RunTls clients;
  private final RunTls servers;
  private final Channel listener;
  private volatile @Nullable InetSocketAddress upstream;

  /** Listens on a free port of the loopback address, without TLS. */
  FaultProxy() {
    this(RunTls.NONE, RunTls.NONE);
  }

  /** The same; clients speak {@code front} to it, and it speaks {@code back} to what is behind it. */
  FaultProxy(RunTls front, RunTls back) {
    this.clients = front;
    this.servers = back;
    for (FaultKind kind : FaultKind.values()) {
      fired.put(kind, new AtomicLong());
    }
    ChannelFuture bound = new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .option(ChannelOption.SO_BACKLOG, 1024)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel front) {
            accepted(front);
          }
        })
        .bind("127.0.0.1", 0)
        .syncUninterruptibly();
    this.listener = bound.channel();
  }

  int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  /** Where new connections go from now on; null: they are refused. */
  void upstream(@Nullable InetSocketAddress address) {
    this.upstream = address;
  }

  WireTap tap() {
    return tap;
  }

  /** Connections taken so far. */
  long connections() {
    return accepted.get();
  }

  /** How often a fault of this kind really happened, not just was asked for. */
  long fired(FaultKind kind) {
    return counter(kind).get();
  }

  /** The live connections, oldest first. */
  List<ProxyLink> links() {
    return links.stream().sorted(Comparator.comparingLong(ProxyLink::number)).toList();
  }

  /** The client of this connection reads nothing for {@code stallMs} milliseconds. */
  void stall(ProxyLink link, long stallMs) {
    link.stall(true);
    counter(FaultKind.STALL).incrementAndGet();
    group.schedule(() -> link.stall(false), stallMs, TimeUnit.MILLISECONDS);
  }

  /** A link reports that an armed fault struck. */
  void struck(FaultKind kind) {
    counter(kind).incrementAndGet();
  }

  void gone(ProxyLink link) {
    links.remove(link);
  }

  private AtomicLong counter(FaultKind kind) {
    AtomicLong counter = fired.get(kind);
    if (counter == null) {
      throw new IllegalStateException("no counter for " + kind);
    }
    return counter;
  }

  private void accepted(SocketChannel front) {
    InetSocketAddress target = upstream;
    if (target == null) {
      front.config().setSoLinger(0);
      front.close();
      return;
    }
    ProxyLink link = new ProxyLink(accepted.incrementAndGet(), front, this);
    links.add(link);
    front.pipeline().addLast(link.front());
    clients.accept(front);
    new Bootstrap()
        .group(front.eventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 2_000)
        .handler(new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel back) {
            back.pipeline().addLast(link.back());
            servers.connect(back, target);
          }
        })
        .connect(target)
        .addListener((ChannelFuture connected) -> link.connected(connected));
  }

  /** Cuts everything and stops. */
  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    links().forEach(ProxyLink::reset);
    LoopGroups.close(group);
  }
}
