package io.gochat.bench.load;

import io.gochat.bench.api.HostAndPort;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * The server under load. Immutable.
 *
 * @param address resolved
 */
record ServerAddress(InetSocketAddress address) {

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
    return new ServerAddress(address);
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
  @org.jspecify.annotations.Nullable
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
