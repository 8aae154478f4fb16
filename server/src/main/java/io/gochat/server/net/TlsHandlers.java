package io.gochat.server.net;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;

/** Where the TLS of new connections comes from. Thread-safe. */
@FunctionalInterface
public interface TlsHandlers {
  /** The server's side of one connection, with the certificate of now. It has no deadline of its own: the port keeps one. */
  SslHandler newHandler(ByteBufAllocator allocator);
}
