package io.gochat.server.net;

import static io.gochat.server.net.SnifferRig.FRAME;
import static io.gochat.server.net.SnifferRig.PROXY_V2;
import static io.gochat.server.net.SnifferRig.ascii;
import static io.gochat.server.net.SnifferRig.join;
import static io.gochat.server.net.SnifferRig.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Headers of the PROXY protocol, from proxies that are trusted and others. */
class SnifferProxyTest {
  private final SnifferRig rig = new SnifferRig();

  @Test
  void a_proxy_header_from_anybody_else_is_garbage() {
    EmbeddedChannel channel = rig.open(false);

    send(channel, join(PROXY_V2, FRAME));

    rig.expectRefused(channel, "proxy_untrusted");
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
    EmbeddedChannel channel = rig.open(true);

    send(channel, header);
    send(channel, ascii("GET "));

    assertThat(channel.isOpen()).isTrue();
    assertThat(RemoteAddress.of(channel).getAddress().getHostAddress()).isEqualTo("203.0.113.7");
    channel.releaseInbound();
  }

  @ParameterizedTest
  @MethodSource("brokenProxyHeaders")
  void a_broken_proxy_header_is_closed_and_counted(byte[] header) {
    EmbeddedChannel channel = rig.open(true);

    for (byte b : header) {
      send(channel, b);
    }

    rig.expectRefused(channel, "proxy_header");
  }

  @Test
  void a_proxy_that_speaks_for_itself_leaves_the_peer_address() {
    byte[] local = PROXY_V2.clone();
    local[12] = 0x20;
    EmbeddedChannel channel = rig.open(true);

    send(channel, join(local, FRAME));

    rig.expectHandedOver(channel, "frame", FRAME, "", "local");
  }
}
