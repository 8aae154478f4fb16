package io.gochat.server.websocket;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.gochat.server.Fuzzing;
import io.gochat.server.websocket.MessageDecoder.Found;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;

/** Whatever comes after a WebSocket's handshake. Stateless. */
public final class WebSocketFuzz {
  private WebSocketFuzz() {}

  /** Called by the fuzzer, and by the test that plays what it once found. */
  public static void fuzzerTestOneInput(byte[] data) {
    Fuzzing.sameWhereverSplit(data, WebSocketFuzz::outcome);
  }

  private static String outcome(List<byte[]> pieces) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    StringBuilder found = new StringBuilder();
    MessageDecoder decoder = new MessageDecoder(65_536);
    try {
      for (byte[] piece : pieces) {
        decoder.feed(allocator.heapBuffer().writeBytes(piece));
        for (Found next = decoder.next(); next != Found.NOTHING; next = decoder.next()) {
          found
              .append(next)
              .append(' ')
              .append(decoder.payload().toString(ISO_8859_1))
              .append('\n');
        }
      }
    } catch (ViolationException e) {
      found.append(e.getMessage());
    } finally {
      decoder.close();
    }
    Fuzzing.nothingHeld(allocator);
    return found.toString();
  }
}
