package io.gochat.server.http;

import io.gochat.server.Fuzzing;
import io.gochat.server.failure.RefusedException;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.List;

/** Whatever comes where HTTP is spoken: heads and bodies are read, or refused with a kind. Stateless. */
public final class HttpFuzz {
  private HttpFuzz() {}

  /** Called by the fuzzer, and by the test that plays what it once found. */
  public static void fuzzerTestOneInput(byte[] data) {
    Fuzzing.sameWhereverSplit(data, HttpFuzz::outcome);
  }

  private static String outcome(List<byte[]> pieces) {
    EmbeddedChannel channel = new EmbeddedChannel(new RequestDecoder(bytes -> {}));
    StringBuilder found = new StringBuilder();
    try {
      for (byte[] piece : pieces) {
        channel.writeInbound(channel.alloc().buffer().writeBytes(piece));
      }
      for (Object next = channel.readInbound(); next != null; next = channel.readInbound()) {
        boolean readable = append(next, found);
        ReferenceCountUtil.release(next);
        if (!readable) {
          return found.toString(); // the connection ends here
        }
      }
      return found.toString();
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  private static boolean append(Object message, StringBuilder found) {
    if (message instanceof HttpRequest request) {
      try {
        RequestHead head = RequestHead.of(request);
        found.append('\n').append(head.method()).append(' ').append(head).append('\n');
      } catch (RefusedException e) {
        found.append(e.kind());
        return false;
      }
    }
    if (message instanceof HttpContent content) {
      found.append(ByteBufUtil.hexDump(content.content()));
      return !content.decoderResult().isFailure();
    }
    return true;
  }
}
