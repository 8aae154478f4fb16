package io.gochat.server.registry;

import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;

/** Which {@link Outlet} a connection has. Stateless. */
final class Outlets {
  private Outlets() {}

  /**
   * Direct for an epoll socket, through the engine of its {@link SslHandler} if there is one: below one, pushed bytes would
   * be plain text on the wire. Through the pipeline for everything else. So the pipeline must be complete, and its handshake
   * over, when the fan-out is opened.
   */
  static Outlet of(Channel channel, RecordRoom records) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    if (!(channel instanceof EpollSocketChannel epoll)) {
      return new PipelineOutlet(channel, tls != null);
    }
    return tls == null ? new DirectOutlet(epoll) : new TlsOutlet(epoll, tls, records);
  }
}
