package io.gochat.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;

/**
 * How to reach one address of one server, for frames and HTTP alike. Immutable.
 *
 * @param options TLS, time limit
 * @param server as it was asked for
 * @param address one of its addresses
 * @param loop on which all connections of the client live
 */
record Dialer(ClientOptions options, ServerName server, InetSocketAddress address, EventLoop loop) {
  Bootstrap bootstrap(ChannelHandler initializer) {
    return new Bootstrap()
        .group(loop)
        .channel(options.channelType())
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.min(timeoutMs(), 600_000))
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.ALLOCATOR, allocator())
        .handler(initializer);
  }

  void addTls(SocketChannel channel) {
    options.tls().ifPresent(tls -> {
      SslHandler handler = tls.newHandler(channel.alloc(), server.host(), server.port());
      handler.setHandshakeTimeoutMillis(timeoutMs());
      channel.pipeline().addLast(handler);
    });
  }

  /** Connects {@code link}, and tells it when that fails. */
  void open(Link link) {
    link.startHandshakeTimer(loop, timeoutMs());
    bootstrap(new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel channel) {
            addTls(channel);
            channel.pipeline().addLast(link);
          }
        })
        .connect(address)
        .addListener(done -> {
          if (!done.isSuccess()) {
            link.connectFailed(done.cause());
          }
        });
  }

  ByteBufAllocator allocator() {
    return PooledByteBufAllocator.DEFAULT;
  }

  long timeoutMs() {
    return options.handshakeTimeout().toMillis();
  }
}
