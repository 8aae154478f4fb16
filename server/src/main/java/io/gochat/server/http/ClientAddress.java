package io.gochat.server.http;

import io.gochat.server.net.TrustedProxies;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Whom a request comes from: what limits per address count, and what may read metrics. Stateless. */
final class ClientAddress {
  private ClientAddress() {}

  /**
   * The last address in {@code X-Forwarded-For} that is not a trusted proxy's own, if the peer is one; otherwise the
   * peer, whatever the header claims.
   */
  static InetAddress of(
      InetAddress peer, @Nullable String forwardedFor, TrustedProxies trustedProxies) {
    if (forwardedFor == null || !trustedProxies.trusts(peer)) {
      return peer;
    }
    InetAddress client = peer;
    int end = forwardedFor.length();
    while (end > 0 && trustedProxies.trusts(client)) {
      int comma = forwardedFor.lastIndexOf(',', end - 1);
      InetAddress named = literal(forwardedFor.substring(comma + 1, end).trim());
      if (named == null) {
        return client; // what a proxy cannot have written ends the chain of trust
      }
      client = named;
      end = comma;
    }
    return client;
  }

  /** An address in digits; a name is never looked up. */
  private static @Nullable InetAddress literal(String text) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(text);
    if (address == null) {
      return null;
    }
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      return null;
    }
  }
}
