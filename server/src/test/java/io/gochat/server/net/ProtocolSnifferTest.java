package io.gochat.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.testing.TestCertificates;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ProtocolSnifferTest {
  private static final byte[] HTTP = ascii("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  private static final byte[] FRAME = {0x01, 0x00, 0x00, 0x02, 0x4A, 0x00};
  private static final byte[] PROXY_V1 = ascii("PROXY TCP4 203.0.113.7 10.0.0.1 56324 8080\r\n");
  private static final byte[] PROXY_V1_IPV6 =
      ascii("PROXY TCP6 2001:db8::7 fd00::1 56324 8080\r\n");
  private static final byte[] PROXY_V2 = {
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

  private final AtomicLong clockMs = new AtomicLong(1_000);
  private final LoopTimer timer = new LoopTimer(clockMs::get);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final StartsWith http =
      new StartsWith("http", ascii("GET "), ascii("POST "), ascii("OPTIONS "));
  private final StartsWith frames = new StartsWith("frame", new byte[] {0x01});
  private final Reception reception = new Reception(
      List.of(frames, http), PortOptions.PLAIN, new ConnectionLimiter(0, meters), meters);

  static Stream<Arguments> inputs() {
    return Stream.of(
        Arguments.of("http", "http", HTTP, false, ""),
        Arguments.of("frames", "frame", FRAME, false, ""),
        Arguments.of("http behind a silent proxy", "http", HTTP, true, ""),
        Arguments.of("frames behind a silent proxy", "frame", FRAME, true, ""),
        Arguments.of("http after v1", "http", join(PROXY_V1, HTTP), true, "/203.0.113.7:56324"),
        Arguments.of("frames after v1", "frame", join(PROXY_V1, FRAME), true, "/203.0.113.7:56324"),
        Arguments.of(
            "frames after v1, IPv6",
            "frame",
            join(PROXY_V1_IPV6, FRAME),
            true,
            "/[2001:db8:0:0:0:0:0:7]:56324"),
        Arguments.of(
            "frames after v1 unknown", "frame", join(ascii("PROXY UNKNOWN\r\n"), FRAME), true, ""),
        Arguments.of("http after v2", "http", join(PROXY_V2, HTTP), true, "/203.0.113.7:56324"),
        Arguments.of(
            "frames after v2", "frame", join(PROXY_V2, FRAME), true, "/203.0.113.7:56324"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inputs")
  void every_split_of_the_input_in_two_is_the_same(
      String name, String protocol, byte[] input, boolean trusted, String client) {
    for (int split = 0; split <= input.length; split++) {
      EmbeddedChannel channel = open(trusted);

      send(channel, Arrays.copyOfRange(input, 0, split));
      send(channel, Arrays.copyOfRange(input, split, input.length));

      expectHandedOver(channel, protocol, input, client, "split at " + split);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inputs")
  void one_byte_at_a_time_is_the_same(
      String name, String protocol, byte[] input, boolean trusted, String client) {
    EmbeddedChannel channel = open(trusted);

    for (byte b : input) {
      send(channel, b);
    }

    expectHandedOver(channel, protocol, input, client, "byte by byte");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inputs")
  void random_splits_are_the_same(
      String name, String protocol, byte[] input, boolean trusted, String client) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      EmbeddedChannel channel = open(trusted);

      int at = 0;
      while (at < input.length) {
        int end = Math.min(input.length, at + 1 + random.nextInt(12));
        send(channel, Arrays.copyOfRange(input, at, end));
        at = end;
      }

      expectHandedOver(channel, protocol, input, client, "seed " + seed + " round " + round);
    }
  }

  @Test
  void a_proxy_header_from_anybody_else_is_garbage() {
    EmbeddedChannel channel = open(false);

    send(channel, join(PROXY_V2, FRAME));

    expectRefused(channel, "proxy_untrusted");
  }

  static Stream<byte[]> garbage() {
    return Stream.of(
        new byte[] {0x00},
        new byte[] {(byte) 0xFF, 0x00},
        ascii("SSH-2.0-x\r\n"),
        ascii("get / HTTP/1.1\r\n"),
        ascii("GETX / HTTP/1.1\r\n"),
        new byte[] {0x16, 0x02},
        new byte[] {0x02, 0x01});
  }

  @ParameterizedTest
  @MethodSource("garbage")
  void garbage_is_closed_and_counted(byte[] input) {
    EmbeddedChannel channel = open(false);

    send(channel, input);

    expectRefused(channel, "unknown_protocol");
  }

  @Test
  void tls_is_told_from_garbage_at_every_split() {
    byte[] clientHello = {0x16, 0x03, 0x01, 0x02, 0x00};
    for (int split = 0; split <= clientHello.length; split++) {
      EmbeddedChannel channel = open(false);

      send(channel, Arrays.copyOfRange(clientHello, 0, split));
      send(channel, Arrays.copyOfRange(clientHello, split, clientHello.length));

      ByteBuf alert = channel.readOutbound();
      assertThat(ByteBufUtil.hexDump(alert)).as("split at %d", split).isEqualTo("15030300020228");
      alert.release();
      assertThat(channel.isOpen()).as("split at %d", split).isFalse();
      assertThat(refused("tls")).isEqualTo(split + 1.0);
    }
  }

  @Test
  void a_handshake_that_stalls_ends_at_the_deadline() throws Exception {
    Reception tls = withTls(Plaintext.ALLOW);
    EmbeddedChannel stalled = new EmbeddedChannel(new ProtocolSniffer(tls, false, timer));
    send(stalled, clientHello());
    clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    timer.tick();
    assertThat(stalled.isOpen()).isTrue();

    clockMs.addAndGet(1);
    timer.tick();

    assertThat(stalled.isOpen()).isFalse();
    assertThat(refused("deadline")).isEqualTo(1);
    stalled.releaseOutbound();
  }

  @Test
  void the_first_bytes_inside_have_their_own_deadline() throws Exception {
    EmbeddedChannel channel =
        new EmbeddedChannel(new ProtocolSniffer(withTls(Plaintext.ALLOW), false, timer));
    send(channel, clientHello());
    clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    channel
        .pipeline()
        .context(ProtocolSniffer.TLS)
        .fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);

    clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    timer.tick();
    assertThat(channel.isOpen()).isTrue();
    clockMs.addAndGet(1);
    timer.tick();

    assertThat(channel.isOpen()).isFalse();
    assertThat(refused("deadline")).isEqualTo(1);
    channel.releaseOutbound();
  }

  @Test
  void a_refusal_with_an_answer_waits_for_the_peers_end_but_not_for_ever() {
    Reception talking = new Reception(
        List.of(frames, http),
        new PortOptions(
            TrustedProxies.NONE,
            null,
            Plaintext.ALLOW,
            (reason, head, allocator) -> Unpooled.copiedBuffer(new byte[] {42})),
        new ConnectionLimiter(0, meters),
        meters);
    EmbeddedChannel channel = new EmbeddedChannel(new ProtocolSniffer(talking, false, timer));

    send(channel, ascii("what?"));

    ByteBuf answer = channel.readOutbound();
    assertThat(answer.readByte()).isEqualTo((byte) 42);
    answer.release();
    assertThat(refused("unknown_protocol")).isEqualTo(1);
  }

  private Reception withTls(Plaintext plaintext) throws Exception {
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

  /** What the JDK's client sends first. */
  private static byte[] clientHello() throws Exception {
    SSLEngine client = SSLContext.getDefault().createSSLEngine();
    client.setUseClientMode(true);
    ByteBuffer out = ByteBuffer.allocate(32_768);
    client.wrap(ByteBuffer.allocate(0), out);
    return Arrays.copyOf(out.array(), out.position());
  }

  static Stream<byte[]> brokenProxyHeaders() {
    byte[] wrongVersion = PROXY_V2.clone();
    wrongVersion[12] = 0x11;
    byte[] tooShort = PROXY_V2.clone();
    tooShort[15] = 0x0B;
    byte[] tooLong = PROXY_V2.clone();
    tooLong[14] = 0x10;
    return Stream.of(
        ascii("PROXY TCP4 203.0.113.7 10.0.0.1 56324\r\n"),
        ascii("PROXY TCP4 203.0.113.777 10.0.0.1 56324 8080\r\n"),
        ascii("PROXY TCP4 203.0.113.7 10.0.0.1 65536 8080\r\n"),
        ascii("PROXY TCP4 203.0.113.7 10.0.0.1 -1 8080\r\n"),
        ascii("PROXY TCP6 203.0.113.7 10.0.0.1 1 2\r\n"),
        ascii("PROXY UDP4 203.0.113.7 10.0.0.1 1 2\r\n"),
        ascii("PROXY \r\n"),
        ascii("PROXY " + "x".repeat(101)),
        wrongVersion,
        tooShort,
        tooLong);
  }

  @Test
  void a_proxy_may_add_what_it_likes_to_its_header() {
    byte[] header = Arrays.copyOf(PROXY_V2, PROXY_V2.length + 1_000); // TLS, its own name, padding
    int length = header.length - 16;
    header[14] = (byte) (length >>> 8);
    header[15] = (byte) length;
    EmbeddedChannel channel = open(true);

    send(channel, header);
    send(channel, ascii("GET "));

    assertThat(channel.isOpen()).isTrue();
    assertThat(RemoteAddress.of(channel).getAddress().getHostAddress()).isEqualTo("203.0.113.7");
    channel.releaseInbound();
  }

  @ParameterizedTest
  @MethodSource("brokenProxyHeaders")
  void a_broken_proxy_header_is_closed_and_counted(byte[] header) {
    EmbeddedChannel channel = open(true);

    for (byte b : header) {
      send(channel, b);
    }

    expectRefused(channel, "proxy_header");
  }

  @Test
  void a_proxy_that_speaks_for_itself_leaves_the_peer_address() {
    byte[] local = PROXY_V2.clone();
    local[12] = 0x20;
    EmbeddedChannel channel = open(true);

    send(channel, join(local, FRAME));

    expectHandedOver(channel, "frame", FRAME, "", "local");
  }

  @Test
  void one_byte_and_then_silence_ends_at_the_deadline() {
    EmbeddedChannel channel = open(false);
    send(channel, (byte) 'G');

    clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    timer.tick();
    assertThat(channel.isOpen()).isTrue();
    clockMs.addAndGet(1);
    timer.tick();

    expectRefused(channel, "deadline");
  }

  @Test
  void silence_from_the_start_ends_at_the_deadline() {
    EmbeddedChannel channel = open(false);

    clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS);
    timer.tick();

    expectRefused(channel, "deadline");
  }

  @Test
  void silence_ends_at_the_next_look_when_the_server_stops() {
    EmbeddedChannel channel = open(false);
    send(channel, (byte) 'G');

    reception.close();
    timer.tick();

    expectRefused(channel, "drain");
  }

  @Test
  void undecided_after_the_budget_is_closed_and_counted() {
    StartsWith endless = new StartsWith("endless", new byte[64]);
    Reception onlyEndless = new Reception(
        List.of(endless), PortOptions.PLAIN, new ConnectionLimiter(0, meters), meters);
    EmbeddedChannel channel = new EmbeddedChannel(new ProtocolSniffer(onlyEndless, false, timer));

    send(channel, new byte[ProtocolSniffer.BUDGET_BYTES - 1]);
    assertThat(channel.isOpen()).isTrue();
    send(channel, new byte[1]);

    expectRefused(channel, "budget");
  }

  @Test
  void leaving_early_is_counted_with_and_without_a_byte() {
    EmbeddedChannel silent = open(false);
    EmbeddedChannel undecided = open(false);
    send(undecided, (byte) 'P');

    silent.close();
    undecided.close();

    assertThat(refused("closed_empty")).isEqualTo(1);
    assertThat(refused("closed_early")).isEqualTo(1);
    assertThat(timer.size()).isZero();
  }

  @Test
  void bytes_that_follow_a_refusal_in_the_same_read_are_released() {
    EmbeddedChannel channel = open(false);

    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0x00}), Unpooled.wrappedBuffer(FRAME));

    expectRefused(channel, "unknown_protocol");
    assertThat(channel.inboundMessages()).isEmpty();
  }

  private EmbeddedChannel open(boolean fromTrustedProxy) {
    return new EmbeddedChannel(new ProtocolSniffer(reception, fromTrustedProxy, timer));
  }

  private static void send(EmbeddedChannel channel, byte... bytes) {
    if (bytes.length > 0 && channel.isOpen()) {
      channel.writeInbound(channel.alloc().buffer().writeBytes(bytes));
    }
  }

  private void expectHandedOver(
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

  private void expectRefused(EmbeddedChannel channel, String reason) {
    assertThat(channel.isOpen()).isFalse();
    assertThat(refused(reason)).isEqualTo(1);
    assertThat(meters.find("gochat.sniff.refused").counters().stream()
            .mapToDouble(Counter::count)
            .sum())
        .isEqualTo(1);
    assertThat(timer.size()).isZero();
  }

  private double refused(String reason) {
    return meters.get("gochat.sniff.refused").tag("reason", reason).counter().count();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] join(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  /** A protocol that is known by its first bytes. */
  private static final class StartsWith implements ConnectionProtocol {
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

  private static final class Installed extends ChannelInboundHandlerAdapter {
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
