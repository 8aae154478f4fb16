package io.gochat.server.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;

/** Ends our side of a connection and leaves the peer's open, so that it can read our last words. Stateless. */
public final class OutputEnd {
  private OutputEnd() {}

  /** Whether the connection is encrypted. Any thread. */
  public static boolean isEncrypted(Channel channel) {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  /**
   * Says {@code close_notify} on TLS, then FIN; closes a channel that cannot be closed by halves. Everything must have
   * been written and flushed. On the channel's event loop.
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
      tls.closeOutbound().addListener(said -> duplex.shutdownOutput());
    }
  }
}
