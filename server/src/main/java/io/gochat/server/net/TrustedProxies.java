package io.gochat.server.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The proxies that are believed when they say where a client is. Immutable. */
public final class TrustedProxies {
  /** Nobody is believed. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private final List<Network> networks;

  private TrustedProxies(List<Network> networks) {
    this.networks = networks;
  }

  /**
   * Reads addresses and networks: {@code 10.0.0.0/8}, {@code 192.168.1.5}, {@code fd00::/8}.
   *
   * @throws IllegalArgumentException with a sentence for the operator
   */
  public static TrustedProxies parse(List<String> entries) {
    List<Network> networks = new ArrayList<>();
    for (String entry : entries) {
      networks.add(Network.parse(entry.strip()));
    }
    return networks.isEmpty() ? NONE : new TrustedProxies(List.copyOf(networks));
  }

  /** Whether what comes from {@code address} may say who it speaks for. */
  public boolean trusts(InetAddress address) {
    if (networks.isEmpty()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    for (Network network : networks) {
      if (network.contains(bytes)) {
        return true;
      }
    }
    return false;
  }

  private static final class Network {
    private final byte[] address;
    private final int prefixBits;

    private Network(byte[] address, int prefixBits) {
      this.address = address;
      this.prefixBits = prefixBits;
    }

    static Network parse(String entry) {
      int slash = entry.indexOf('/');
      String host = slash < 0 ? entry : entry.substring(0, slash);
      byte[] address = NetUtil.createByteArrayFromIpAddressString(host);
      if (address == null) {
        throw new IllegalArgumentException("not an address or network: " + entry);
      }
      int bits = address.length * Byte.SIZE;
      int prefixBits = slash < 0 ? bits : prefix(entry, entry.substring(slash + 1), bits);
      return new Network(address, prefixBits);
    }

    private static int prefix(String entry, String digits, int bits) {
      if (digits.matches("\\d{1,3}")) {
        int prefix = Integer.parseInt(digits);
        if (prefix <= bits) {
          return prefix;
        }
      }
      throw new IllegalArgumentException("the part behind / must be 0 to " + bits + ": " + entry);
    }

    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      int whole = prefixBits / Byte.SIZE;
      for (int i = 0; i < whole; i++) {
        if (other[i] != address[i]) {
          return false;
        }
      }
      int rest = prefixBits % Byte.SIZE;
      return rest == 0 || ((other[whole] ^ address[whole]) & 0xFF) >>> (Byte.SIZE - rest) == 0;
    }
  }
}
