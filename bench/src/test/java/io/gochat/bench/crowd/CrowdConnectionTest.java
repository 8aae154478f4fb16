package io.gochat.bench.crowd;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.crowd.BystanderNotices.Kind;
import io.gochat.bench.websocket.Via;
import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameStreams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a crowd takes down of what it is answered. */
class CrowdConnectionTest {
  private static final long ROOM = 9;

  private final AnswerCounts answers = new AnswerCounts();
  private final Crowd crowd = new Crowd(
      new Approach(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), Via.FRAMES, Optional.empty()),
      true,
      answers);

  @AfterEach
  void close() {
    crowd.close();
  }

  @Test
  void member_has_everything_when_the_last_message_came_in_order() {
    FrameMember member = new FrameMember(crowd, answers, "token", ROOM, 3, 0);
    EmbeddedChannel channel = new EmbeddedChannel(member);

    for (int seq = 1; seq <= 3; seq++) {
      deliver(channel, seq);
    }

    assertThat(member.isSettled()).isTrue();
    assertThat(answers.all()).containsOnlyKeys("got everything in order");
    channel.finishAndReleaseAll();
  }

  @Test
  void member_that_has_everything_goes_on_giving_signs_of_life() {
    FrameMember member = new FrameMember(crowd, answers, "token", ROOM, 1, 0);
    EmbeddedChannel channel = new EmbeddedChannel(member);
    deliver(channel, 1);
    channel.releaseOutbound();

    member.ping();

    assertThat(member.isSettled()).isTrue();
    ByteBuf said = channel.readOutbound();
    assertThat(said).isNotNull();
    said.release();
    channel.finishAndReleaseAll();
  }

  @Test
  void connecting_is_over_once_it_can_speak_or_has_ended() {
    AtomicInteger over = new AtomicInteger();
    FrameMember speaking = new FrameMember(crowd, answers, "token", ROOM, 1, 0);
    speaking.whenBegun(over::incrementAndGet);
    EmbeddedChannel behindHandshake = new EmbeddedChannel(new ChannelInboundHandlerAdapter() {
      @Override
      public void channelActive(ChannelHandlerContext context) {
        // Its handshake never ends.
      }
    });
    FrameMember waiting = new FrameMember(crowd, answers, "token", ROOM, 1, 0);
    waiting.whenBegun(over::incrementAndGet);
    behindHandshake.pipeline().addLast(waiting);

    new EmbeddedChannel(speaking).finishAndReleaseAll();
    assertThat(over).hasValue(1);

    behindHandshake.finishAndReleaseAll();
    assertThat(over).hasValue(2);
  }

  @Test
  void hole_in_what_is_delivered_is_seen() {
    EmbeddedChannel channel =
        new EmbeddedChannel(new FrameMember(crowd, answers, "token", ROOM, 9, 0));

    deliver(channel, 1);
    deliver(channel, 3);

    assertThat(answers.count("a hole in what was delivered")).isEqualTo(1);
    channel.finishAndReleaseAll();
  }

  @Test
  void http_answer_is_understood_however_it_is_split() {
    byte[] answer = ("HTTP/1.1 503 Service Unavailable\r\nX-Error-Code: overloaded\r\n"
            + "Content-Length: 5\r\n\r\nhello")
        .getBytes(US_ASCII);
    for (int split = 0; split <= answer.length; split++) {
      AnswerCounts heard = new AnswerCounts();
      HttpMember member = new HttpMember(crowd, heard, () -> new byte[] {1}, false);
      EmbeddedChannel channel = new EmbeddedChannel(member);

      channel.writeInbound(Unpooled.copiedBuffer(answer, 0, split));
      channel.writeInbound(Unpooled.copiedBuffer(answer, split, answer.length - split));

      assertThat(heard.all()).containsOnlyKeys("HTTP 503 overloaded");
      assertThat(member.isSettled()).isTrue();
      channel.finishAndReleaseAll();
    }
  }

  @Test
  void end_without_an_answer_is_silence_and_within_one_a_cut() {
    EmbeddedChannel silent =
        new EmbeddedChannel(new HttpMember(crowd, answers, () -> new byte[] {1}, false));
    EmbeddedChannel cut =
        new EmbeddedChannel(new HttpMember(crowd, answers, () -> new byte[] {1}, false));

    silent.finishAndReleaseAll();
    cut.writeInbound(Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\nContent-Le", US_ASCII));
    cut.finishAndReleaseAll();

    assertThat(answers.count(AnswerCounts.SILENCE)).isEqualTo(1);
    assertThat(answers.count(AnswerCounts.CUT_OFF)).isEqualTo(1);
  }

  @Test
  void request_keeps_back_its_last_bytes_and_announces_them() {
    assertThat(new String(HttpMember.request("/x", "{\"a\":1}", 2), US_ASCII))
        .contains("Content-Length: 7\r\n")
        .endsWith("\r\n\r\n{\"a\":");
  }

  @Test
  void figures_are_of_what_was_due_in_their_time() {
    BystanderNotices notices = new BystanderNotices();
    long now = System.nanoTime();
    notices.took(Kind.PUBLISH, now - 5_000_000_000L);
    notices.took(Kind.PUBLISH, now - 1_000_000_000L);

    BystanderNotices.Figures figures = notices.figures(Kind.PUBLISH, now - 2_000_000_000L, now);

    assertThat(figures.count()).isEqualTo(1);
    assertThat(figures.max()).isBetween(1_000.0, 4_000.0);
    assertThat(notices.figures(Kind.DELIVERY, now - 2_000_000_000L, now).p99()).isNaN();
  }

  private static void deliver(EmbeddedChannel channel, long seq) {
    channel.writeInbound(Unpooled.wrappedBuffer(FrameStreams.toBytes(ServerFrame.newBuilder()
        .setDelivery(
            Message.newBuilder().setTopic(Topic.newBuilder().setRoomId(ROOM)).setSeq(seq))
        .build())));
  }
}
