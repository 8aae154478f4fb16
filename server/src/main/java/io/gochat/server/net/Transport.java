package io.gochat.server.net;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the event loops talk to the kernel. */
public enum Transport {
  /** epoll where it is available, NIO otherwise. */
  AUTO,
  /** Linux epoll through Netty's native library. */
  EPOLL,
  /** The JDK's selectors; everywhere. */
  NIO;

  /** The word of the command line: {@code auto}, {@code epoll}, {@code nio}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The transport that {@link #AUTO} stands for here; the others stand for themselves. */
  public Transport resolved() {
    if (this != AUTO) {
      return this;
    }
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /** Why this transport cannot be used here, or null when it can. */
  public @Nullable String unavailableBecause() {
    Throwable cause = switch (this) {
      case EPOLL -> Epoll.unavailabilityCause();
      case AUTO, NIO -> null;
    };
    return cause == null ? null : String.valueOf(cause.getMessage());
  }

  IoHandlerFactory ioHandlers() {
    return switch (resolved()) {
      case EPOLL -> EpollIoHandler.newFactory();
      case AUTO, NIO -> NioIoHandler.newFactory();
    };
  }

  Class<? extends ServerChannel> serverChannel() {
    return switch (resolved()) {
      case EPOLL -> EpollServerSocketChannel.class;
      case AUTO, NIO -> NioServerSocketChannel.class;
    };
  }
}
