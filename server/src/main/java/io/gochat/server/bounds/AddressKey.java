package io.gochat.server.bounds;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What counts as one address for a bound: an IPv4 address, or the /64 of an IPv6 address, because one customer has all
 * of it and could otherwise come from a fresh address each time. Immutable.
 */
public record AddressKey(boolean v6, long bits) {
  /** What this address counts as. */
  public static AddressKey of(InetAddress address) {
    byte[] bytes = address.getAddress(); // IPv4-mapped addresses are IPv4 to Java already
    return bytes.length == 4
        ? new AddressKey(false, ByteBuffer.wrap(bytes).getInt())
        : new AddressKey(true, ByteBuffer.wrap(bytes).getLong());
  }
}
