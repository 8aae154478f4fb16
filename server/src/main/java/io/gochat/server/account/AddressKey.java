package io.gochat.server.account;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What counts as one address for a limit: an IPv4 address, or the /64 of an IPv6 address, because one customer has all
 * of it and could otherwise make every attempt from a fresh address. Immutable.
 */
record AddressKey(boolean v6, long bits) {
  static AddressKey of(InetAddress address) {
    byte[] bytes = address.getAddress(); // IPv4-mapped addresses are IPv4 to Java already
    return bytes.length == 4
        ? new AddressKey(false, ByteBuffer.wrap(bytes).getInt())
        : new AddressKey(true, ByteBuffer.wrap(bytes).getLong());
  }
}
