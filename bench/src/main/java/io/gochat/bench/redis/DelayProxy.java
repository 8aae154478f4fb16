package io.gochat.bench.redis;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy that makes a server distant: what is sent arrives half a round trip later, in order, and as much at once as
 * was sent. Thread-safe. It holds what is on its way, and what the other side does not take, without a bound: for one
 * run's own processes only.
 */
public final class DelayProxy implements AutoCloseable {
  private final boolean epoll = Epoll.isAvailable();
  private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
      1, epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final InetSocketAddress target;
  private final long oneWayNanos;
  private final Channel listener;

  /** Listens on a free port of the loopback address. */
  public DelayProxy(InetSocketAddress target, Duration roundTrip) {
    this.target = target;
    this.oneWayNanos = roundTrip.toNanos() / 2;
    this.listener = new ServerBootstrap()
        .group(group)
        .channel(epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class)
        .childOption(ChannelOption.AUTO_READ, false)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel near) {
            accepted(near);
          }
        })
        .bind("127.0.0.1", 0)
        .syncUninterruptibly()
        .channel();
  }

  /** Where it listens. */
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  private void accepted(Channel near) {
    ChannelFuture connecting = new Bootstrap()
        .group(near.eventLoop())
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(new Later(near))
        .connect(target);
    near.pipeline().addLast(new Later(connecting.channel()));
    connecting.addListener((ChannelFuture connected) -> {
      if (connected.isSuccess()) {
        near.config().setAutoRead(true);
      } else {
        near.close();
      }
    });
  }

  /** Cuts everything and stops. */
  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    // As common.LoopGroups does, of which this package knows nothing: with a quiet period.
    group.shutdownGracefully(1, 2_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
  }

  /** Hands on what comes, and the end; both sides are on one loop, whose timers of equal delay keep their order. */
  private final class Later extends ChannelInboundHandlerAdapter {
    private final Channel other;

    Later(Channel other) {
      this.other = other;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object bytes) {
      after(ctx, () -> other.writeAndFlush(bytes));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      after(ctx, other::close);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, @Nullable Throwable cause) {
      ctx.close();
    }

    private void after(ChannelHandlerContext ctx, Runnable step) {
      ctx.executor().schedule(step, oneWayNanos, TimeUnit.NANOSECONDS);
    }
  }
}
