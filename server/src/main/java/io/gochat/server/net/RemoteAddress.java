package io.gochat.server.net;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Where a connection's client really is: what a trusted proxy said, else the peer of the socket. Limits per address go
 * by this. Thread-safe and stateless.
 */
public final class RemoteAddress {
  // Set only where a proxy spoke: an attribute on every connection would cost memory for nothing.
  private static final AttributeKey<InetSocketAddress> PROXIED =
      AttributeKey.valueOf(RemoteAddress.class, "proxied");

  private static final InetSocketAddress UNKNOWN =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private RemoteAddress() {}

  /** The client's address; that of loopback when the channel has none (any more). Any thread. */
  public static InetSocketAddress of(Channel channel) {
    if (channel.hasAttr(PROXIED)) {
      InetSocketAddress proxied = channel.attr(PROXIED).get();
      if (proxied != null) {
        return proxied;
      }
    }
    return ofPeer(channel);
  }

  /** The peer of the socket itself, whatever a proxy said. */
  static InetSocketAddress ofPeer(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress peer ? peer : UNKNOWN;
  }

  static void set(Channel channel, InetSocketAddress address) {
    channel.attr(PROXIED).set(address);
  }
}
