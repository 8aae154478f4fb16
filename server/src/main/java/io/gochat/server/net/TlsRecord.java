package io.gochat.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** The little of TLS that is read and written without a certificate. Stateless. */
final class TlsRecord {
  private static final int HANDSHAKE = 0x16;
  private static final int MAJOR_VERSION = 0x03;

  /** An alert of TLS 1.2, fatal, {@code handshake_failure}: every client knows it and says so. */
  private static final byte[] HANDSHAKE_FAILURE = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};

  private TlsRecord() {}

  /** Whether the bytes so far (at least one) are the start of a handshake; moves no index. */
  static ConnectionProtocol.Match match(ByteBuf head) {
    int start = head.readerIndex();
    if (head.getUnsignedByte(start) != HANDSHAKE) {
      return ConnectionProtocol.Match.NO;
    }
    if (head.readableBytes() < 2) {
      return ConnectionProtocol.Match.NEED_MORE;
    }
    return head.getUnsignedByte(start + 1) == MAJOR_VERSION
        ? ConnectionProtocol.Match.YES
        : ConnectionProtocol.Match.NO;
  }

  /** What ends a handshake that cannot begin; the caller releases it. */
  static ByteBuf handshakeFailure() {
    return Unpooled.copiedBuffer(HANDSHAKE_FAILURE);
  }
}
