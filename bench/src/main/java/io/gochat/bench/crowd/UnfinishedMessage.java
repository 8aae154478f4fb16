package io.gochat.bench.crowd;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A WebSocket whose first message lacks its last byte. Confined to its event loop. */
final class UnfinishedMessage extends CrowdConnection {
  private static final int PAYLOAD = 65_536;

  @SuppressWarnings("StringConcatToTextBlock") // its lines end in CRLF
  private static final byte[] HANDSHAKE = String.join(
          "\r\n",
          "GET /ws HTTP/1.1",
          "Host: crowd",
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Protocol: gochat.v1.protobuf",
          "",
          "")
      .getBytes(StandardCharsets.US_ASCII);

  private static final byte[] MESSAGE = message();

  private boolean upgraded;

  UnfinishedMessage(AnswerCounts answers) {
    super(answers);
  }

  // A whole binary message, masked with zeros, of a length in eight bytes.
  private static byte[] message() {
    return ByteBuffer.allocate(14 + PAYLOAD - 1)
        .put((byte) 0x82)
        .put((byte) (0x80 | 127))
        .putLong(PAYLOAD)
        .array();
  }

  @Override
  byte[] opening() {
    upgraded = false;
    return HANDSHAKE;
  }

  @Override
  void received(ByteBuf in) {
    if (upgraded) {
      // A push, GoAway, in a message, or the close frame: it was told.
      answers.add("told that it ends");
      settle();
    } else if (in.toString(StandardCharsets.US_ASCII).startsWith("HTTP/1.1 101")) {
      upgraded = true;
      say(MESSAGE);
    } else {
      answers.add("HTTP " + in.toString(in.readerIndex() + 9, 3, StandardCharsets.US_ASCII));
      settle();
    }
  }

  @Override
  void ended() {
    if (!isSettled()) {
      answers.add(AnswerCounts.SILENCE);
      settle();
    }
  }
}
