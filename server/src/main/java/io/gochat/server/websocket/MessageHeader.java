package io.gochat.server.websocket;

import io.netty.buffer.ByteBuf;

/** The header in front of a whole message from the server, which has no mask (RFC 6455, 5.2). Stateless. */
final class MessageHeader {
  private static final int FIN = 0x80;
  private static final int SHORT = 125;
  private static final int MEDIUM = 0xFFFF;

  private MessageHeader() {}

  static int size(int payloadBytes) {
    return payloadBytes <= SHORT ? 2 : payloadBytes <= MEDIUM ? 4 : 10;
  }

  /** Appends it; {@code out} stays the caller's. */
  static void write(int opcode, int payloadBytes, ByteBuf out) {
    out.writeByte(FIN | opcode);
    if (payloadBytes <= SHORT) {
      out.writeByte(payloadBytes);
    } else if (payloadBytes <= MEDIUM) {
      out.writeByte(126).writeShort(payloadBytes);
    } else {
      out.writeByte(127).writeLong(payloadBytes);
    }
  }
}
