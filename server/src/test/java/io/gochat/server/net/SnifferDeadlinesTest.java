package io.gochat.server.net;

import static io.gochat.server.net.SnifferRig.ascii;
import static io.gochat.server.net.SnifferRig.clientHello;
import static io.gochat.server.net.SnifferRig.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who says too little, or nothing, or leaves. */
class SnifferDeadlinesTest {
  private final SnifferRig rig = new SnifferRig();

  @Test
  void a_handshake_that_stalls_ends_at_the_deadline() throws Exception {
    Reception tls = rig.withTls(Plaintext.ALLOW);
    EmbeddedChannel stalled = new EmbeddedChannel(new ProtocolSniffer(tls, false, rig.timer));
    send(stalled, clientHello());
    rig.clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    rig.timer.tick();
    assertThat(stalled.isOpen()).isTrue();

    rig.clockMs.addAndGet(1);
    rig.timer.tick();

    assertThat(stalled.isOpen()).isFalse();
    assertThat(rig.refused("deadline")).isEqualTo(1);
    stalled.releaseOutbound();
  }

  @Test
  void the_first_bytes_inside_have_their_own_deadline() throws Exception {
    EmbeddedChannel channel =
        new EmbeddedChannel(new ProtocolSniffer(rig.withTls(Plaintext.ALLOW), false, rig.timer));
    send(channel, clientHello());
    rig.clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    channel
        .pipeline()
        .context(ProtocolSniffer.TLS)
        .fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);

    rig.clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    rig.timer.tick();
    assertThat(channel.isOpen()).isTrue();
    rig.clockMs.addAndGet(1);
    rig.timer.tick();

    assertThat(channel.isOpen()).isFalse();
    assertThat(rig.refused("deadline")).isEqualTo(1);
    channel.releaseOutbound();
  }

  @Test
  void a_refusal_with_an_answer_waits_for_the_peers_end_but_not_for_ever() {
    Reception talking = new Reception(
        List.of(rig.frames, rig.http),
        new PortOptions(
            TrustedProxies.NONE,
            null,
            Plaintext.ALLOW,
            (reason, head, allocator) -> Unpooled.copiedBuffer(new byte[] {42})),
        new ConnectionLimiter(0, rig.meters),
        rig.meters);
    EmbeddedChannel channel = new EmbeddedChannel(new ProtocolSniffer(talking, false, rig.timer));

    send(channel, ascii("what?"));

    ByteBuf answer = channel.readOutbound();
    assertThat(answer.readByte()).isEqualTo((byte) 42);
    answer.release();
    assertThat(rig.refused("unknown_protocol")).isEqualTo(1);
  }

  @Test
  void one_byte_and_then_silence_ends_at_the_deadline() {
    EmbeddedChannel channel = rig.open(false);
    send(channel, (byte) 'G');

    rig.clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS - 1);
    rig.timer.tick();
    assertThat(channel.isOpen()).isTrue();
    rig.clockMs.addAndGet(1);
    rig.timer.tick();

    rig.expectRefused(channel, "deadline");
  }

  @Test
  void silence_from_the_start_ends_at_the_deadline() {
    EmbeddedChannel channel = rig.open(false);

    rig.clockMs.addAndGet(ProtocolSniffer.DEADLINE_MS);
    rig.timer.tick();

    rig.expectRefused(channel, "deadline");
  }

  @Test
  void silence_ends_at_the_next_look_when_the_server_stops() {
    EmbeddedChannel channel = rig.open(false);
    send(channel, (byte) 'G');

    rig.reception.close();
    rig.timer.tick();

    rig.expectRefused(channel, "drain");
  }

  @Test
  void leaving_early_is_counted_with_and_without_a_byte() {
    EmbeddedChannel silent = rig.open(false);
    EmbeddedChannel undecided = rig.open(false);
    send(undecided, (byte) 'P');

    silent.close();
    undecided.close();

    assertThat(rig.refused("closed_empty")).isEqualTo(1);
    assertThat(rig.refused("closed_early")).isEqualTo(1);
    assertThat(rig.timer.size()).isZero();
  }
}
