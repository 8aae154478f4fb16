package io.gochat.server.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Collects the body of one request up to a bound. Grows with what has really come, not with what was announced, and
 * holds nothing between requests. Confined to the connection's event loop.
 */
final class BodyBuffer {
  private static final byte[] EMPTY = new byte[0];

  private final int limitBytes;
  private byte[] bytes = EMPTY;
  private int length;

  BodyBuffer(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Appends what {@code piece} holds; the caller releases it. False: it is over the bound, nothing was appended. */
  boolean append(ByteBuf piece) {
    int size = piece.readableBytes();
    if (size > limitBytes - length) {
      return false;
    }
    if (size == 0) {
      return true;
    }
    if (length + size > bytes.length) {
      // A body that comes whole gets exactly its size; one in pieces at least doubles.
      int doubled = (int) Math.min(2L * length, limitBytes);
      bytes = Arrays.copyOf(bytes, Math.max(length + size, doubled));
    }
    piece.getBytes(piece.readerIndex(), bytes, length, size);
    length += size;
    return true;
  }

  /** The bytes; {@link #length()} of them count. */
  byte[] bytes() {
    return bytes;
  }

  /** How many bytes have come. */
  int length() {
    return length;
  }

  /** Forgets everything. */
  void clear() {
    bytes = EMPTY;
    length = 0;
  }
}
