package io.gochat.server.net;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ListenerTest {
  private static final InetSocketAddress ANY_PORT =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final AtomicLong clockMs = new AtomicLong();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<Socket> sockets = new ArrayList<>();
  private EventLoops loops = EventLoops.start(Transport.AUTO, 1, clockMs::get);

  @AfterEach
  void closeAll() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    loops.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"AUTO", "NIO"})
  void what_was_read_to_recognise_a_protocol_reaches_it(Transport transport) throws IOException {
    loops.close();
    loops = EventLoops.start(transport, 2, clockMs::get);
    try (Listener listener = listen(0, TrustedProxies.NONE)) {
      Socket socket = connect(listener);

      for (int i = 1; i < 20; i++) {
        socket.getOutputStream().write(new byte[] {1, (byte) i});
        assertThat(socket.getInputStream().readNBytes(2)).containsExactly(1, i);
      }
    }
  }

  @Test
  void the_connection_over_the_limit_is_closed_at_once_and_the_next_fits_when_one_left()
      throws IOException {
    try (Listener listener = listen(2, TrustedProxies.NONE)) {
      Socket first = connect(listener);
      connect(listener);
      await().atMost(Duration.ofSeconds(30)).until(() -> openConnections() == 2);

      assertThat(endOf(connect(listener))).isTrue();
      assertThat(meters.get("gochat.connections.refused").counter().count()).isEqualTo(1);

      first.close();
      await().atMost(Duration.ofSeconds(30)).until(() -> openConnections() == 1);
      Socket next = connect(listener);
      next.getOutputStream().write(1);
      assertThat(next.getInputStream().read()).isEqualTo(1);
    }
  }

  @Test
  void a_silent_connection_is_closed_by_the_loops_own_timer() throws IOException {
    try (Listener listener = listen(0, TrustedProxies.NONE)) {
      Socket silent = connect(listener);
      await().atMost(Duration.ofSeconds(30)).until(() -> openConnections() == 1);

      clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS);

      assertThat(endOf(silent)).isTrue();
      assertThat(meters
              .get("gochat.sniff.refused")
              .tag("reason", "deadline")
              .counter()
              .count())
          .isEqualTo(1);
    }
  }

  @Test
  void only_a_trusted_proxy_says_where_the_client_is() throws IOException {
    try (Listener listener = listen(0, TrustedProxies.parse(List.of("127.0.0.0/8", "::1")))) {
      Socket socket = connect(listener);

      socket
          .getOutputStream()
          .write("PROXY TCP4 203.0.113.7 10.0.0.1 56324 8080\r\n\2".getBytes(US_ASCII));

      assertThat(new String(socket.getInputStream().readNBytes(18), US_ASCII))
          .isEqualTo("/203.0.113.7:56324");
    }
  }

  @Test
  void after_close_nobody_is_accepted_and_the_connected_stay() throws IOException {
    Listener listener = listen(0, TrustedProxies.NONE);
    Socket socket = connect(listener);
    socket.getOutputStream().write(1);
    assertThat(socket.getInputStream().read()).isEqualTo(1);
    InetSocketAddress address = listener.address();

    listener.close();

    assertThatThrownBy(() -> sockets.add(new Socket(address.getAddress(), address.getPort())))
        .isInstanceOf(IOException.class);
    socket.getOutputStream().write(2);
    assertThat(socket.getInputStream().read()).isEqualTo(2);
  }

  @Test
  void an_address_in_use_is_refused_with_a_sentence() throws IOException {
    try (Listener listener = listen(0, TrustedProxies.NONE)) {
      assertThatThrownBy(() -> open(listener.address(), 0, TrustedProxies.NONE))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot listen on")
          .hasMessageContaining(":" + listener.address().getPort());
    }
  }

  private Listener listen(int maxConnections, TrustedProxies trusted) throws IOException {
    return open(ANY_PORT, maxConnections, trusted);
  }

  private Listener open(InetSocketAddress address, int maxConnections, TrustedProxies trusted)
      throws IOException {
    return Listener.open(
        loops,
        address,
        List.of(new Echo()),
        PortOptions.PLAIN.withTrustedProxies(trusted),
        new ConnectionLimiter(maxConnections, meters),
        meters);
  }

  private double openConnections() {
    return meters.get("gochat.connections.open").gauge().value();
  }

  private Socket connect(Listener listener) throws IOException {
    Socket socket =
        new Socket(listener.address().getAddress(), listener.address().getPort());
    socket.setSoTimeout(30_000);
    sockets.add(socket);
    return socket;
  }

  private static boolean endOf(Socket socket) throws IOException {
    return socket.getInputStream().read() < 0;
  }

  /** Echoes what starts with 1; answers a 2 with the client's address. */
  private static final class Echo implements ConnectionProtocol {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public Match match(ByteBuf head) {
      int first = head.getByte(head.readerIndex());
      return first == 1 || first == 2 ? Match.YES : Match.NO;
    }

    @Override
    public void install(Channel channel) {
      channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
          ByteBuf bytes = (ByteBuf) msg;
          if (bytes.getByte(bytes.readerIndex()) == 2
              && bytes.readableBytes() == 1
              && proxied(ctx)) {
            bytes.release();
            ctx.writeAndFlush(
                Unpooled.copiedBuffer(RemoteAddress.of(ctx.channel()).toString(), US_ASCII));
          } else {
            ctx.writeAndFlush(bytes);
          }
        }

        private boolean proxied(ChannelHandlerContext ctx) {
          return !RemoteAddress.of(ctx.channel()).equals(ctx.channel().remoteAddress());
        }
      });
    }
  }
}
