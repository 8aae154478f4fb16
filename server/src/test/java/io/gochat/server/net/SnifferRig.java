package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.testing.TestCertificates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** A sniffer with two protocols behind it, on a channel without a socket and a clock that stands still. Confined to the test. */
final class SnifferRig {
  static final byte[] HTTP = ascii("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  static final byte[] FRAME = {0x01, 0x00, 0x00, 0x02, 0x4A, 0x00};
  static final byte[] PROXY_V1 = ascii("PROXY TCP4 203.0.113.7 10.0.0.1 56324 8080\r\n");
  static final byte[] PROXY_V1_IPV6 = ascii("PROXY TCP6 2001:db8::7 fd00::1 56324 8080\r\n");
  static final byte[] PROXY_V2 = {
    0x0D,
    0x0A,
    0x0D,
    0x0A,
    0x00,
    0x0D,
    0x0A,
    0x51,
    0x55,
    0x49,
    0x54,
    0x0A, // signature
    0x21, // version 2, PROXY
    0x11, // TCP over IPv4
    0x00,
    0x0F, // 15 bytes follow
    (byte) 203,
    0,
    113,
    7, // source
    10,
    0,
    0,
    1, // destination
    (byte) 0xDC,
    0x04, // source port 56324
    0x1F,
    (byte) 0x90, // destination port 8080
    0x04,
    0x00,
    0x00 // an extension without content
  };

  final AtomicLong clockMs = new AtomicLong(1_000);
  final LoopTimer timer = new LoopTimer(clockMs::get);
  final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  final StartsWith http = new StartsWith("http", ascii("GET "), ascii("POST "), ascii("OPTIONS "));
  final StartsWith frames = new StartsWith("frame", new byte[] {0x01});
  final Reception reception = new Reception(
      List.of(frames, http), PortOptions.PLAIN, new ConnectionLimiter(0, meters), meters);

  EmbeddedChannel open(boolean fromTrustedProxy) {
    return new EmbeddedChannel(new ProtocolSniffer(reception, fromTrustedProxy, timer));
  }

  Reception withTls(Plaintext plaintext) throws Exception {
    SslContext context = SslContextBuilder.forServer(
            new TestCertificates().server().toKeyManagerFactory())
        .sslProvider(SslProvider.JDK)
        .build();
    TlsHandlers handlers = allocator -> {
      SslHandler handler = context.newHandler(allocator);
      handler.setHandshakeTimeoutMillis(0);
      return handler;
    };
    return new Reception(
        List.of(frames, http),
        new PortOptions(TrustedProxies.NONE, handlers, plaintext, RefusalAnswers.NONE),
        new ConnectionLimiter(0, meters),
        meters);
  }

  void expectHandedOver(
      EmbeddedChannel channel, String protocol, byte[] input, String client, String how) {
    int header = client.isEmpty() ? indexOfPayload(input) : input.length - payload(input).length;
    byte[] received = new byte[0];
    for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
      byte[] bytes = new byte[part.readableBytes()];
      part.readBytes(bytes);
      part.release();
      received = join(received, bytes);
    }
    assertThat(received).as(how).isEqualTo(Arrays.copyOfRange(input, header, input.length));
    assertThat(channel.pipeline().get(Installed.class).name).as(how).isEqualTo(protocol);
    assertThat(channel.pipeline().get(ProtocolSniffer.class)).as(how).isNull();
    assertThat(timer.size()).as(how).isZero();
    if (!client.isEmpty()) {
      assertThat(RemoteAddress.of(channel)).as(how).hasToString(client);
    }
    channel.close();
  }

  void expectRefused(EmbeddedChannel channel, String reason) {
    assertThat(channel.isOpen()).isFalse();
    assertThat(refused(reason)).isEqualTo(1);
    assertThat(meters.find("gochat.sniff.refused").counters().stream()
            .mapToDouble(Counter::count)
            .sum())
        .isEqualTo(1);
    assertThat(timer.size()).isZero();
  }

  double refused(String reason) {
    return meters.get("gochat.sniff.refused").tag("reason", reason).counter().count();
  }

  /** What the JDK's client sends first. */
  static byte[] clientHello() throws Exception {
    SSLEngine client = SSLContext.getDefault().createSSLEngine();
    client.setUseClientMode(true);
    ByteBuffer out = ByteBuffer.allocate(32_768);
    client.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  static void send(EmbeddedChannel channel, byte... bytes) {
    if (bytes.length > 0 && channel.isOpen()) {
      channel.writeInbound(channel.alloc().buffer().writeBytes(bytes));
    }
  }

  private static byte[] payload(byte[] input) {
    return endsWith(input, HTTP) ? HTTP : FRAME;
  }

  private static int indexOfPayload(byte[] input) {
    return input.length - payload(input).length;
  }

  private static boolean endsWith(byte[] input, byte[] end) {
    return input.length >= end.length
        && Arrays.equals(Arrays.copyOfRange(input, input.length - end.length, input.length), end);
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static byte[] join(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  /** A protocol that is known by its first bytes. */
  static final class StartsWith implements ConnectionProtocol {
    private final String name;
    private final byte[][] starts;

    StartsWith(String name, byte[]... starts) {
      this.name = name;
      this.starts = starts;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Match match(ByteBuf head) {
      Match best = Match.NO;
      for (byte[] start : starts) {
        int length = Math.min(start.length, head.readableBytes());
        boolean same = IntStream.range(0, length)
            .allMatch(i -> head.getByte(head.readerIndex() + i) == start[i]);
        if (same && length == start.length) {
          return Match.YES;
        }
        best = same ? Match.NEED_MORE : best;
      }
      return best;
    }

    @Override
    public void install(Channel channel) {
      channel.pipeline().addLast(new Installed(name));
    }
  }

  static final class Installed extends ChannelInboundHandlerAdapter {
    final String name;

    Installed(String name) {
      this.name = name;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, @Nullable Object msg) {
      ctx.fireChannelRead(msg);
    }
  }
}
