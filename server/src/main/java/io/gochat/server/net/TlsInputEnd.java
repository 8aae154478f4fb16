package io.gochat.server.net;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;

/**
 * Makes a peer's {@code close_notify} what a FIN is without TLS, so that protocols need not know of either: the end of
 * its input where the protocol allows half-closed peers, the end of the connection elsewhere. Stateless; one instance for
 * all connections.
 */
@Sharable
final class TlsInputEnd extends ChannelInboundHandlerAdapter {
  static final TlsInputEnd INSTANCE = new TlsInputEnd();

  private TlsInputEnd() {}

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ctx.fireUserEventTriggered(event);
    if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess()) {
      boolean mayGoOn =
          Boolean.TRUE.equals(ctx.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE));
      if (mayGoOn) {
        ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
      } else {
        ctx.close();
      }
    }
  }
}
