package io.gochat.server.net;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The port: accepts connections, counts them against the limit and has each sniffed. Thread-safe.
 */
public final class Listener implements AutoCloseable {
  /** With the usual 128 a burst of 256 connects costs a second of SYN retransmission at p99. */
  private static final int BACKLOG = 4_096;

  /**
   * Fixed, because the adaptive allocator keeps some hundred bytes per connection; enough for some dozen commands per
   * read.
   */
  private static final int RECEIVE_BYTES = 4_096;

  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 * 1024, 64 * 1024);

  /** How much of what is not sent yet the kernel keeps for one socket; a slow consumer's rest stays in the log. */
  private static final int UNSENT_BYTES_IN_KERNEL = 128 * 1024;

  private final Channel channel;

  private Listener(Channel channel) {
    this.channel = channel;
  }

  /**
   * Opens the port.
   *
   * @param protocols in the order in which they are asked
   * @throws IOException when the address cannot be bound
   */
  public static Listener open(
      EventLoops loops,
      InetSocketAddress address,
      List<ConnectionProtocol> protocols,
      TrustedProxies trustedProxies,
      ConnectionLimiter limiter,
      MeterRegistry meters)
      throws IOException {
    ServerBootstrap bootstrap = new ServerBootstrap()
        .group(loops.group())
        .channel(loops.serverChannel())
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES))
        .childHandler(new Accepted(loops, List.copyOf(protocols), trustedProxies, limiter, meters));
    if (loops.transport() == Transport.EPOLL) {
      bootstrap.childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) UNSENT_BYTES_IN_KERNEL);
    }
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    Throwable cause = bound.cause();
    if (cause != null) {
      throw new IOException(
          "cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
              + cause.getMessage(),
          cause);
    }
    return new Listener(bound.channel());
  }

  /** Where it listens: with the port that was picked, if that was left open. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /** Stops accepting; the connections that there are stay. Not on an event loop. */
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  /** Takes in new connections; one instance for all, on the loop of each. */
  private static final class Accepted extends ChannelInitializer<Channel> {
    private final EventLoops loops;
    private final List<ConnectionProtocol> protocols;
    private final TrustedProxies trustedProxies;
    private final ConnectionLimiter limiter;
    private final SniffCounters counters;

    Accepted(
        EventLoops loops,
        List<ConnectionProtocol> protocols,
        TrustedProxies trustedProxies,
        ConnectionLimiter limiter,
        MeterRegistry meters) {
      this.loops = loops;
      this.protocols = protocols;
      this.trustedProxies = trustedProxies;
      this.limiter = limiter;
      this.counters = new SniffCounters(meters, protocols);
    }

    @Override
    protected void initChannel(Channel accepted) {
      if (!limiter.admit(accepted)) {
        accepted.close();
        return;
      }
      boolean trusted = trustedProxies.trusts(RemoteAddress.ofPeer(accepted).getAddress());
      accepted
          .pipeline()
          .addLast(
              new ProtocolSniffer(protocols, trusted, loops.timer(accepted.eventLoop()), counters));
    }
  }
}
