package io.gochat.server.webhook;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * Which addresses belong to nobody but us: who writes a URL must not make the server speak to what only the server can
 * reach. Stateless.
 */
final class AddressRules {
  private AddressRules() {}

  /** Whether this address is on the public internet, whatever form it is written in. */
  static boolean isPublic(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    return address instanceof Inet4Address
        ? isPublic(address.getAddress())
        : isPublic6((Inet6Address) address);
  }

  private static boolean isPublic(byte[] v4) {
    int first = v4[0] & 0xFF;
    int second = v4[1] & 0xFF;
    int third = v4[2] & 0xFF;
    boolean isShared = first == 100 && (second & 0xC0) == 64; // carriers' NAT
    boolean isProtocol = first == 192 && second == 0 && (third == 0 || third == 2);
    boolean isRelay = first == 192 && second == 88 && third == 99;
    boolean isBenchmark = first == 198 && (second & 0xFE) == 18;
    boolean isExample = (first == 198 && second == 51 && third == 100)
        || (first == 203 && second == 0 && third == 113);
    return first != 0
        && first < 240 // reserved, and broadcast
        && !isShared
        && !isProtocol
        && !isRelay
        && !isBenchmark
        && !isExample;
  }

  private static boolean isPublic6(Inet6Address address) {
    byte[] v6 = address.getAddress();
    if (startsWith(v6, 0, 0x64, 0xFF, 0x9B)) { // NAT64: an IPv4 address is inside
      return startsWith(v6, 0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0) && embedded(v6, 12);
    }
    if (startsWith(v6, 0x20, 0x02)) { // 6to4
      return embedded(v6, 2);
    }
    boolean isGlobal = (v6[0] & 0xE0) == 0x20; // 2000::/3: all that is given out
    boolean isTeredo = startsWith(v6, 0x20, 0x01, 0, 0);
    boolean isExample = startsWith(v6, 0x20, 0x01, 0x0D, 0xB8) || startsWith(v6, 0x3F, 0xFF);
    return isGlobal && !isTeredo && !isExample;
  }

  private static boolean embedded(byte[] v6, int at) {
    try {
      return isPublic(InetAddress.getByAddress(Arrays.copyOfRange(v6, at, at + 4)));
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static boolean startsWith(byte[] address, int... bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if ((address[i] & 0xFF) != bytes[i]) {
        return false;
      }
    }
    return true;
  }
}
