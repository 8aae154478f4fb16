package io.gochat.bench.load;

import io.gochat.bench.api.HostAndPort;
import io.gochat.bench.api.HttpLink;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server under load. Immutable.
 *
 * @param address resolved
 * @param name as it was given, which its certificate must be for
 * @param tls how it is spoken to; empty: without TLS
 */
record ServerAddress(InetSocketAddress address, String name, Optional<ClientTlsContexts> tls) {

  /** Why a target was refused, for people. */
  static final class RefusedAddressException extends Exception {
    RefusedAddressException(String message) {
      super(message);
    }
  }

  /**
   * Parses {@code host:port}. A load test of somebody else's machine is an attack: what is not loopback needs the
   * user's word.
   */
  static ServerAddress parse(String hostAndPort, boolean ownsIt) throws RefusedAddressException {
    HostAndPort parsed;
    try {
      parsed = HostAndPort.parse(hostAndPort);
    } catch (IllegalArgumentException e) {
      throw new RefusedAddressException(String.valueOf(e.getMessage()));
    }
    InetSocketAddress address = parsed.resolved();
    if (address.isUnresolved()) {
      throw new RefusedAddressException("unknown host: " + parsed.host());
    }
    if (!address.getAddress().isLoopbackAddress() && !ownsIt) {
      throw new RefusedAddressException(
          hostAndPort + " is not on this machine; say --i-own-this-server if you may load it");
    }
    return new ServerAddress(address, parsed.host(), Optional.empty());
  }

  /** A server that is spoken to without TLS. */
  ServerAddress(InetSocketAddress address) {
    this(address, address.getHostString(), Optional.empty());
  }

  /** The same server, spoken to through TLS. */
  ServerAddress with(Optional<ClientTlsContexts> contexts) {
    return new ServerAddress(address, name, contexts);
  }

  /** A connection for the calls beside the load; not connected yet. */
  HttpLink link(@Nullable InetSocketAddress source) {
    return new HttpLink(
        address,
        source,
        connected ->
            tls.isPresent() ? tls.get().over(connected, name, address.getPort()) : connected);
  }

  /** Whether the server is on this machine, so that its process and many source addresses can be used. */
  boolean isLocal() {
    return address.getAddress().isLoopbackAddress();
  }

  /** How the user would write it. */
  String text() {
    return address.getAddress().getHostAddress() + ":" + address.getPort();
  }

  /** The source of connection {@code index} of {@code sources}; null: the system's choice. */
  @Nullable
  InetSocketAddress source(int index, int sources) {
    if (!isLocal() || address.getAddress().getAddress().length != 4 || sources <= 1) {
      return null;
    }
    int host = index % sources;
    byte[] octets = {127, 0, (byte) (1 + host / 250), (byte) (1 + host % 250)};
    try {
      return new InetSocketAddress(InetAddress.getByAddress(octets), 0);
    } catch (UnknownHostException e) {
      throw new AssertionError("four octets are an address", e);
    }
  }
}
