package io.gochat.server.net;

import io.gochat.server.Fuzzing;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;

/** Whatever comes first on a connection: the sniffer decides the same wherever TCP splits it. Stateless. */
public final class SnifferFuzz {
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();
  private static final Reception RECEPTION = new Reception(
      List.of(new Begins("frame", "\u0001"), new Begins("http", "GET ")),
      PortOptions.PLAIN,
      new ConnectionLimiter(0, METERS),
      METERS);

  private SnifferFuzz() {}

  /** Called by the fuzzer, and by the test that plays what it once found. */
  public static void fuzzerTestOneInput(byte[] data) {
    Fuzzing.sameWhereverSplit(data, SnifferFuzz::outcome);
  }

  private static String outcome(List<byte[]> pieces) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new ProtocolSniffer(RECEPTION, true, new LoopTimer(() -> 0)));
    try {
      for (byte[] piece : pieces) {
        if (piece.length > 0 && channel.isOpen()) {
          channel.writeInbound(channel.alloc().buffer().writeBytes(piece));
        }
      }
      Begun begun = channel.pipeline().get(Begun.class);
      return (begun == null ? "nothing" : begun.name) + ", open " + channel.isOpen() + ", from "
          + RemoteAddress.of(channel) + ", in " + hex(channel.inboundMessages()) + ", out "
          + hex(channel.outboundMessages());
    } finally {
      channel.finishAndReleaseAll();
    }
  }

  private static String hex(Queue<Object> messages) {
    StringBuilder hex = new StringBuilder();
    for (Object message : messages) {
      hex.append(message instanceof ByteBuf bytes ? ByteBufUtil.hexDump(bytes) : message);
    }
    return hex.toString();
  }

  private record Begins(String name, String start) implements ConnectionProtocol {
    @Override
    public Match match(ByteBuf head) {
      byte[] wanted = start.getBytes(StandardCharsets.US_ASCII);
      int length = Math.min(wanted.length, head.readableBytes());
      for (int i = 0; i < length; i++) {
        if (head.getByte(head.readerIndex() + i) != wanted[i]) {
          return Match.NO;
        }
      }
      return length == wanted.length ? Match.YES : Match.NEED_MORE;
    }

    @Override
    public void install(Channel channel) {
      channel.pipeline().addLast(new Begun(name));
    }
  }

  private static final class Begun extends ChannelInboundHandlerAdapter {
    private final String name;

    Begun(String name) {
      this.name = name;
    }
  }
}
