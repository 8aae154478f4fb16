package io.gochat.server.websocket;

import io.gochat.server.command.AnswerFormat.Encoded;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** A Ping, Pong or Close of the server. Immutable by agreement: nobody writes to the payload. */
final class ControlFrame implements Encoded {
  private static final byte[] NOTHING = {};

  /** Is the peer there? */
  static final ControlFrame PING = new ControlFrame(Opcode.PING, NOTHING);

  private final int opcode;
  private final byte[] payload;

  /** With a payload of at most 125 bytes. */
  ControlFrame(int opcode, byte[] payload) {
    this.opcode = opcode;
    this.payload = payload;
  }

  /** Says why the connection ends; {@link CloseCode#NO_STATUS}: does not. */
  static ControlFrame close(int code, String reason) {
    if (code == CloseCode.NO_STATUS) {
      return new ControlFrame(Opcode.CLOSE, NOTHING);
    }
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[2 + text.length];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, text.length);
    return new ControlFrame(Opcode.CLOSE, payload);
  }

  @Override
  public int size() {
    return MessageHeader.size(payload.length) + payload.length;
  }

  @Override
  public void writeTo(ByteBuf out) {
    MessageHeader.write(opcode, payload.length, out);
    out.writeBytes(payload);
  }
}
