package io.gochat.server.registry;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;

/** Which {@link Outlet} a connection has. Stateless. */
final class Outlets {
  private Outlets() {}

  /**
   * Direct for a plain epoll socket; through the pipeline for everything else. Looks for an {@link SslHandler}: below one,
   * pushed bytes would be plain text on the wire. So the pipeline must be complete when the fan-out is opened.
   */
  static Outlet of(Channel channel) {
    boolean encrypted = channel.pipeline().get(SslHandler.class) != null;
    return channel instanceof EpollSocketChannel epoll && !encrypted
        ? new DirectOutlet(epoll)
        : new PipelineOutlet(channel, encrypted);
  }
}
