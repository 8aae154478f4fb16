package io.gochat.server.net;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import java.io.IOException;
import java.net.InetAddress;
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

  /** And a few times in a turn, so that a crowd that sends much holds up nobody for long. */
  private static final RecvByteBufAllocator RECEIVED =
      new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(4);

  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 * 1024, 64 * 1024);

  /** How much of what is not sent yet the kernel keeps for one socket; a slow consumer's rest stays in the log. */
  private static final int UNSENT_BYTES_IN_KERNEL = 128 * 1024;

  private final Channel channel;
  private final Reception reception;

  private Listener(Channel channel, Reception reception) {
    this.channel = channel;
    this.reception = reception;
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
      PortOptions options,
      ConnectionLimiter limiter,
      MeterRegistry meters)
      throws IOException {
    Reception reception = new Reception(protocols, options, limiter, meters);
    ServerBootstrap bootstrap = new ServerBootstrap()
        .group(loops.group())
        .channel(loops.serverChannel())
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .childOption(ChannelOption.RECVBUF_ALLOCATOR, RECEIVED)
        .childHandler(new Accepted(loops, reception, limiter));
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
    return new Listener(bound.channel(), reception);
  }

  /** Where it listens: with the port that was picked, if that was left open. */
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /**
   * Stops accepting. Connections that a protocol has stay; those that have not said yet what they speak are closed
   * within a second. Not on an event loop.
   */
  @Override
  public void close() {
    reception.close();
    channel.close().awaitUninterruptibly();
  }

  /** Takes in new connections; one instance for all, on the loop of each. */
  private static final class Accepted extends ChannelInitializer<Channel> {
    private final EventLoops loops;
    private final Reception reception;
    private final ConnectionLimiter limiter;

    Accepted(EventLoops loops, Reception reception, ConnectionLimiter limiter) {
      this.loops = loops;
      this.reception = reception;
      this.limiter = limiter;
    }

    @Override
    protected void initChannel(Channel accepted) {
      if (!limiter.admit(accepted)) {
        accepted.close();
        return;
      }
      InetAddress peer = RemoteAddress.ofPeer(accepted).getAddress();
      boolean trusted = reception.options().trustedProxies().trusts(peer);
      // A proxy is many clients: it says for whom it comes, and then that one is counted.
      if (!trusted && !limiter.admit(accepted, peer)) {
        accepted.close();
        return;
      }
      LoopTimer timer = loops.timer(accepted.eventLoop());
      accepted.pipeline().addLast(new ProtocolSniffer(reception, trusted, timer));
    }
  }
}
