package io.gochat.server.frame;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.frame.FrameDecoder;
import io.gochat.protocol.frame.FrameException;
import io.gochat.server.Fuzzing;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;

/** Whatever comes on a connection of frames. Stateless. */
public final class FrameFuzz {
  private FrameFuzz() {}

  /** Called by the fuzzer, and by the test that plays what it once found. */
  public static void fuzzerTestOneInput(byte[] data) {
    Fuzzing.sameWhereverSplit(data, FrameFuzz::outcome);
  }

  private static String outcome(List<byte[]> pieces) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    StringBuilder found = new StringBuilder();
    try (FrameDecoder decoder = new FrameDecoder(65_536)) {
      for (byte[] piece : pieces) {
        decoder.feed(allocator.heapBuffer().writeBytes(piece));
        for (ClientFrame frame = decoder.next(ClientFrame.parser());
            frame != null;
            frame = decoder.next(ClientFrame.parser())) {
          found.append(frame).append('\n');
        }
      }
    } catch (FrameException e) {
      found.append(e.getClass().getSimpleName());
    }
    Fuzzing.nothingHeld(allocator);
    return found.toString();
  }
}
