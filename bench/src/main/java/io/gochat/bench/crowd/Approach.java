package io.gochat.bench.crowd;

import io.gochat.bench.process.FreshServer;
import io.gochat.bench.websocket.FramesOverWebSocket;
import io.gochat.bench.websocket.Via;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a crowd comes to its server. Immutable.
 *
 * @param server where it is
 * @param via what its frames are in
 * @param tls empty: without TLS
 */
record Approach(InetSocketAddress server, Via via, Optional<SslContext> tls) {
  /** To this server, with TLS if it has a certificate. */
  static Approach of(FreshServer server, Via via) throws IOException {
    Optional<Path> trusted = server.certificate();
    return new Approach(
        server.address(),
        via,
        trusted.isEmpty()
            ? Optional.empty()
            : Optional.of(SslContextBuilder.forClient()
                .trustManager(trusted.get().toFile())
                .build()));
  }

  /** What the connection lies behind; one that does not read does so until its handshakes are over. */
  ChannelHandler leadingTo(CrowdConnection connection, boolean reads) {
    return new ChannelInitializer<Channel>() {
      @Override
      protected void initChannel(Channel channel) {
        tls.ifPresent(context -> channel
            .pipeline()
            .addLast(
                context.newHandler(channel.alloc(), server.getHostString(), server.getPort()),
                new BehindTls()));
        if (via == Via.WS && connection.speaksFrames()) {
          FramesOverWebSocket.install(channel.pipeline(), server);
        }
        if (!reads) {
          channel.pipeline().addLast(new Deaf());
        }
        channel.pipeline().addLast(connection);
      }
    };
  }

  /** What is behind it hears of the connection once the handshake is done. Confined to its event loop. */
  private static final class BehindTls extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      // Not yet: userEventTriggered says when.
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
        context.fireChannelActive();
      } else {
        context.fireUserEventTriggered(event);
      }
    }
  }

  /** Reads nothing from when it is reached, before anything is said. Confined to its event loop. */
  private static final class Deaf extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(false);
      context.fireChannelActive();
    }
  }
}
