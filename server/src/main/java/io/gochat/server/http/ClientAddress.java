package io.gochat.server.http;

import io.gochat.server.net.TrustedProxies;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.StringJoiner;
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

  /**
   * Who is named by {@code Forwarded} (RFC 7239), in the form of {@code X-Forwarded-For}: an element that names nobody
   * is empty, and so ends the chain of trust.
   */
  static String forwardedFor(String forwarded) {
    StringJoiner names = new StringJoiner(",");
    for (String element : forwarded.split(",", -1)) {
      String name = "";
      for (String pair : element.split(";", -1)) {
        String[] parts = pair.trim().split("=", 2);
        if (parts.length == 2 && parts[0].equalsIgnoreCase("for")) {
          name = parts[1].replace("\"", "").trim();
        }
      }
      names.add(name);
    }
    return names.toString();
  }

  /** An address in digits, perhaps with a port; a name is never looked up. */
  private static @Nullable InetAddress literal(String text) {
    byte[] address = NetUtil.createByteArrayFromIpAddressString(withoutPort(text));
    if (address == null) {
      return null;
    }
    try {
      return InetAddress.getByAddress(address);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  /** {@code 192.0.2.1:80} and {@code [2001:db8::1]:80} as well as either without a port. */
  private static String withoutPort(String text) {
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      boolean isWell = end > 0 && text.substring(end + 1).matches("(:\\d{1,5})?");
      return isWell ? text.substring(1, end) : text;
    }
    int colon = text.indexOf(':');
    boolean isV4WithPort =
        colon > 0 && text.substring(colon + 1).matches("\\d{1,5}") && text.indexOf('.') > 0;
    return isV4WithPort ? text.substring(0, colon) : text;
  }
}
