package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.RefusedException;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.function.LongPredicate;

/**
 * Collects the body of one request up to a bound. What goes beyond the first {@value #FREE_BYTES} bytes needs room in the
 * budget of everybody: all that was announced at once, so that who began may finish, or as much as has come where
 * nothing was. Holds nothing between requests. Confined to the connection's event loop.
 */
final class BodyBuffer {
  /** As much needs no room in the budget. */
  static final int FREE_BYTES = 4_096;

  private static final byte[] EMPTY = new byte[0];

  private final int limitBytes;
  private final LongPredicate room;
  private byte[] bytes = EMPTY;
  private int length;
  private int reserved;

  /** For at most {@code limitBytes}; {@code room} takes so many bytes more from the budget, or says no. */
  BodyBuffer(int limitBytes, LongPredicate room) {
    this.limitBytes = limitBytes;
    this.room = room;
  }

  /**
   * So many bytes are announced.
   *
   * @throws RefusedException when they are over the bound, or there is no room for them now
   */
  void expect(long announced) {
    if (announced > limitBytes) {
      throw tooLarge();
    }
    if (announced > FREE_BYTES) {
      reserve((int) announced);
    }
  }

  /**
   * Appends what {@code piece} holds; the caller releases it.
   *
   * @throws RefusedException as {@link #expect}
   */
  void append(ByteBuf piece) {
    int size = piece.readableBytes();
    if (size > limitBytes - length) {
      throw tooLarge();
    }
    if (size == 0) {
      return;
    }
    if (length + size > bytes.length) {
      grow(length + size);
    }
    piece.getBytes(piece.readerIndex(), bytes, length, size);
    length += size;
  }

  private void grow(int needed) {
    // A body that comes whole gets exactly its size; one in
    // pieces what was announced, or at least twice as much.
    int doubled = (int) Math.min(2L * length, limitBytes);
    int wanted = needed > FREE_BYTES ? Math.max(reserved, Math.max(needed, doubled)) : needed;
    if (wanted > FREE_BYTES && wanted > reserved) {
      reserve(wanted);
    }
    bytes = Arrays.copyOf(bytes, wanted);
  }

  private void reserve(int all) {
    if (!room.test((long) all - reserved)) {
      throw new RefusedException(ErrorKind.OVERLOADED, "no room for a request of this size now");
    }
    reserved = all;
  }

  private RefusedException tooLarge() {
    return new RefusedException(ErrorKind.BODY_TOO_LARGE, "over " + limitBytes + " bytes");
  }

  /** The bytes; {@link #length()} of them count. */
  byte[] bytes() {
    return bytes;
  }

  /** How many bytes have come. */
  int length() {
    return length;
  }

  /** Forgets everything; what was reserved is the caller's to give back. */
  void clear() {
    bytes = EMPTY;
    length = 0;
    reserved = 0;
  }
}
