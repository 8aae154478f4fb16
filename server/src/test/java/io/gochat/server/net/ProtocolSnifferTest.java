package io.gochat.server.net;

import static io.gochat.server.net.SnifferRig.FRAME;
import static io.gochat.server.net.SnifferRig.HTTP;
import static io.gochat.server.net.SnifferRig.PROXY_V1;
import static io.gochat.server.net.SnifferRig.PROXY_V1_IPV6;
import static io.gochat.server.net.SnifferRig.PROXY_V2;
import static io.gochat.server.net.SnifferRig.ascii;
import static io.gochat.server.net.SnifferRig.clientHello;
import static io.gochat.server.net.SnifferRig.join;
import static io.gochat.server.net.SnifferRig.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which protocol it is, however the first bytes come. */
class ProtocolSnifferTest {
  private final SnifferRig rig = new SnifferRig();

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
      EmbeddedChannel channel = rig.open(trusted);

      send(channel, Arrays.copyOfRange(input, 0, split));
      send(channel, Arrays.copyOfRange(input, split, input.length));

      rig.expectHandedOver(channel, protocol, input, client, "split at " + split);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inputs")
  void one_byte_at_a_time_is_the_same(
      String name, String protocol, byte[] input, boolean trusted, String client) {
    EmbeddedChannel channel = rig.open(trusted);

    for (byte b : input) {
      send(channel, b);
    }

    rig.expectHandedOver(channel, protocol, input, client, "byte by byte");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("inputs")
  void random_splits_are_the_same(
      String name, String protocol, byte[] input, boolean trusted, String client) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      EmbeddedChannel channel = rig.open(trusted);

      int at = 0;
      while (at < input.length) {
        int end = Math.min(input.length, at + 1 + random.nextInt(12));
        send(channel, Arrays.copyOfRange(input, at, end));
        at = end;
      }

      rig.expectHandedOver(channel, protocol, input, client, "seed " + seed + " round " + round);
    }
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
    EmbeddedChannel channel = rig.open(false);

    send(channel, input);

    rig.expectRefused(channel, "unknown_protocol");
  }

  @Test
  void tls_is_told_from_garbage_at_every_split() {
    byte[] clientHello = {0x16, 0x03, 0x01, 0x02, 0x00};
    for (int split = 0; split <= clientHello.length; split++) {
      EmbeddedChannel channel = rig.open(false);

      send(channel, Arrays.copyOfRange(clientHello, 0, split));
      send(channel, Arrays.copyOfRange(clientHello, split, clientHello.length));

      ByteBuf alert = channel.readOutbound();
      assertThat(ByteBufUtil.hexDump(alert)).as("split at %d", split).isEqualTo("15030300020228");
      alert.release();
      assertThat(channel.isOpen()).as("split at %d", split).isFalse();
      assertThat(rig.refused("tls")).isEqualTo(split + 1.0);
    }
  }

  @Test
  void undecided_after_the_budget_is_closed_and_counted() {
    SnifferRig.StartsWith endless = new SnifferRig.StartsWith("endless", new byte[64]);
    Reception onlyEndless = new Reception(
        List.of(endless), PortOptions.PLAIN, new ConnectionLimiter(0, rig.meters), rig.meters);
    EmbeddedChannel channel =
        new EmbeddedChannel(new ProtocolSniffer(onlyEndless, false, rig.timer));

    send(channel, new byte[ProtocolSniffer.BUDGET_BYTES - 1]);
    assertThat(channel.isOpen()).isTrue();
    send(channel, new byte[1]);

    rig.expectRefused(channel, "budget");
  }

  @Test
  void bytes_that_follow_a_refusal_in_the_same_read_are_released() {
    EmbeddedChannel channel = rig.open(false);

    channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {0x00}), Unpooled.wrappedBuffer(FRAME));

    rig.expectRefused(channel, "unknown_protocol");
    assertThat(channel.inboundMessages()).isEmpty();
  }
}
