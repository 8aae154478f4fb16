package io.gochat.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header of the PROXY protocol, versions 1 (text) and 2 (binary), from the front of a connection. Stateless:
 * it looks at all bytes so far each time and moves no index.
 */
final class ProxyHeader {
  /** The longest header that is accepted: version 2 with addresses and what proxies add of TLS and of themselves. */
  static final int MAX_BYTES = 4_096;

  private static final byte[] V1_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final int V1_MAX_BYTES = 107;
  private static final byte[] V2_START = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };
  private static final int V2_FIXED_BYTES = 16;
  private static final int V2_LOCAL = 0x20;
  private static final int V2_PROXY = 0x21;
  private static final int TCP_OVER_IPV4 = 0x11;
  private static final int TCP_OVER_IPV6 = 0x21;

  private ProxyHeader() {}

  /** What the first bytes are. */
  sealed interface Reading {
    /** May become a header. */
    record NeedMore() implements Reading {}

    /** No header: the bytes are the client's own. */
    record Absent() implements Reading {}

    /** Starts as a header and is none. */
    record Malformed() implements Reading {}

    /** A header of {@code bytes} bytes; without a client when the proxy speaks for itself. */
    record Present(int bytes, @Nullable InetSocketAddress client) implements Reading {}
  }

  private static final Reading NEED_MORE = new Reading.NeedMore();
  private static final Reading ABSENT = new Reading.Absent();
  private static final Reading MALFORMED = new Reading.Malformed();

  /** Judges the bytes so far; neither moves an index nor keeps the buffer, which stays the caller's. */
  static Reading read(ByteBuf head) {
    if (startsAs(head, V2_START)) {
      return head.readableBytes() < V2_FIXED_BYTES ? NEED_MORE : readV2(head);
    }
    if (startsAs(head, V1_START)) {
      return readV1(head);
    }
    return ABSENT;
  }

  /** Whether the bytes so far hold the whole fixed start of a header. */
  static boolean isBegun(ByteBuf head) {
    return (head.readableBytes() >= V1_START.length && startsAs(head, V1_START))
        || (head.readableBytes() >= V2_START.length && startsAs(head, V2_START));
  }

  private static boolean startsAs(ByteBuf head, byte[] start) {
    int length = Math.min(head.readableBytes(), start.length);
    for (int i = 0; i < length; i++) {
      if (head.getByte(head.readerIndex() + i) != start[i]) {
        return false;
      }
    }
    return length > 0;
  }

  private static Reading readV1(ByteBuf head) {
    int length = Math.min(head.readableBytes(), V1_MAX_BYTES);
    int end = lineEnd(head, length);
    if (end < 0) {
      return length == V1_MAX_BYTES ? MALFORMED : NEED_MORE;
    }
    String line = head.toString(head.readerIndex(), end, StandardCharsets.US_ASCII);
    String[] words = line.split(" ", -1);
    int bytes = end + 2;
    if (words[1].equals("UNKNOWN")) {
      return new Reading.Present(bytes, null);
    }
    boolean ipv4 = words[1].equals("TCP4");
    if (words.length != 6 || !(ipv4 || words[1].equals("TCP6"))) {
      return MALFORMED;
    }
    byte[] source = address(words[2], ipv4);
    int port = port(words[4]);
    if (source == null || address(words[3], ipv4) == null || port < 0 || port(words[5]) < 0) {
      return MALFORMED;
    }
    return new Reading.Present(bytes, socketAddress(source, port));
  }

  /** Where the line ends, counted from its start, or -1. */
  private static int lineEnd(ByteBuf head, int length) {
    for (int i = 1; i < length; i++) {
      int index = head.readerIndex() + i;
      if (head.getByte(index) == '\n' && head.getByte(index - 1) == '\r') {
        return i - 1;
      }
    }
    return -1;
  }

  private static byte @Nullable [] address(String word, boolean ipv4) {
    boolean right = ipv4 ? NetUtil.isValidIpV4Address(word) : NetUtil.isValidIpV6Address(word);
    return right ? NetUtil.createByteArrayFromIpAddressString(word) : null;
  }

  private static int port(String word) {
    if (word.isEmpty() || word.length() > 5 || !word.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int port = Integer.parseInt(word);
    return port <= 65_535 ? port : -1;
  }

  private static Reading readV2(ByteBuf head) {
    int start = head.readerIndex();
    int command = head.getUnsignedByte(start + 12);
    int family = head.getUnsignedByte(start + 13);
    int bytes = V2_FIXED_BYTES + head.getUnsignedShort(start + 14);
    int addressBytes = family == TCP_OVER_IPV4 ? 4 : family == TCP_OVER_IPV6 ? 16 : 0;
    int addressesEnd = addressBytes == 0 ? V2_FIXED_BYTES : V2_FIXED_BYTES + 2 * addressBytes + 4;
    if ((command != V2_LOCAL && command != V2_PROXY) || bytes > MAX_BYTES) {
      return MALFORMED;
    }
    if (command == V2_PROXY && bytes < addressesEnd) {
      return MALFORMED;
    }
    if (head.readableBytes() < bytes) {
      return NEED_MORE;
    }
    if (command == V2_LOCAL || addressBytes == 0) {
      return new Reading.Present(bytes, null);
    }
    byte[] source = new byte[addressBytes];
    head.getBytes(start + V2_FIXED_BYTES, source);
    int port = head.getUnsignedShort(start + V2_FIXED_BYTES + 2 * addressBytes);
    return new Reading.Present(bytes, socketAddress(source, port));
  }

  private static InetSocketAddress socketAddress(byte[] address, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(address), port);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + address.length + " bytes", e);
    }
  }
}
