package io.gochat.server.net;

import java.net.InetAddress;

/** Who may speak without TLS. Immutable. */
public enum Plaintext {
  /** Everybody. */
  ALLOW,
  /** Who is on this machine. */
  LOOPBACK,
  /** Nobody. */
  REFUSE;

  /** Whether a client at this address, as far as that is known, may. */
  public boolean permits(InetAddress client) {
    return switch (this) {
      case ALLOW -> true;
      case LOOPBACK -> client.isLoopbackAddress();
      case REFUSE -> false;
    };
  }
}
