package io.gochat.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;

/** Ends our side of a connection and leaves the peer's open, so that it can read our last words. Stateless. */
public final class OutputEnd {
  private OutputEnd() {}

  /** Whether the connection is encrypted. Any thread. */
  public static boolean isEncrypted(Channel channel) {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  /**
   * Says {@code close_notify} on TLS, then FIN; closes a channel that cannot be closed by halves. What comes on TLS from
   * then on is dropped unread, up to the peer's FIN: an engine that has said its last and is given data takes itself for
   * broken (BoringSSL), and to close the connection for that would reset it under our last words. Everything must have been
   * written and flushed. On the channel's event loop.
   */
  public static void shut(Channel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    if (!channel.isActive() || !(channel instanceof DuplexChannel duplex)) {
      channel.close();
      return;
    }
    SslHandler tls = pipeline.get(SslHandler.class);
    if (tls == null) {
      duplex.shutdownOutput();
    } else {
      if (pipeline.get(TlsInputEnd.class) != null) {
        pipeline.addFirst(new Unread());
        pipeline.replace(TlsInputEnd.class, null, new Unheard());
      }
      tls.closeOutbound().addListener(said -> duplex.shutdownOutput());
    }
  }

  /** In front of TLS: drops what comes. */
  private static final class Unread extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }
  }

  /** Behind TLS: keeps to itself what the engine makes of bytes that it had before. */
  private static final class Unheard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (!(event instanceof SslCloseCompletionEvent)) {
        ctx.fireUserEventTriggered(event);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (!(cause instanceof DecoderException)) {
        ctx.fireExceptionCaught(cause);
      }
    }
  }
}
