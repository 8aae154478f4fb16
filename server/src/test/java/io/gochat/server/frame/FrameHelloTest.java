package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.position;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Message;
import io.gochat.protocol.Position;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.Welcome;
import io.gochat.server.frame.FrameServer.User;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signing in, with and without positions; one server for all tests, users and rooms for each. */
@SuppressWarnings("NullAway.Init")
class FrameHelloTest {
  private static final AtomicLong ROOMS = new AtomicLong(100);

  @TempDir
  static Path directory;

  @AutoClose
  private static FrameServer server;

  private final long roomId = ROOMS.incrementAndGet();

  @BeforeAll
  static void start() throws Exception {
    server = new FrameServer(directory);
  }

  // ---- Hello ----

  @Test
  void hello_is_answered_with_who_one_is_and_where_the_inbox_starts() {
    User user = server.user();
    try (FrameTestClient client = server.connect()) {
      Welcome welcome = client.hello(user.token());

      assertThat(welcome.getUserId()).isEqualTo(user.id());
      assertThat(welcome.getUsername()).isEqualTo(user.name());
      assertThat(welcome.getHeartbeatMs()).isEqualTo(30_000);
      assertThat(welcome.getMaxFrameBytes()).isEqualTo(65_536);
      assertThat(welcome.getNode()).isEqualTo("node-1");
      assertThat(welcome.getResumedList()).hasSize(1);
      Resumed inbox = welcome.getResumed(0);
      assertThat(inbox.getTopic()).isEqualTo(inbox(user.id()));
      assertThat(Limits.isId(inbox.getEpoch())).isTrue();
      assertThat(inbox.getSeq()).isZero();
      assertThat(inbox.getNextSeq()).isEqualTo(1);
      assertThat(inbox.getRecovered()).isTrue();
    }
  }

  @Test
  void welcome_comes_also_without_a_request_id() {
    User user = server.user();
    try (FrameTestClient client = server.connect()) {
      client.send(ClientFrame.newBuilder()
          .setHello(Hello.newBuilder().setToken(user.token()))
          .build());

      assertThat(client.push().hasWelcome()).isTrue();
    }
  }

  @Test
  void commands_behind_hello_in_the_same_packet_are_carried_out() {
    User user = server.user();
    try (FrameTestClient client = server.connect()) {
      long hello =
          client.post(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())));
      long join =
          client.post(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(roomId)));
      long publish = client.post(publishing(room(roomId), "early", ""));

      assertThat(client.answer(hello).hasWelcome()).isTrue();
      assertThat(client.answer(join).hasJoined()).isTrue();
      assertThat(client.answer(publish).hasPublished()).isTrue();
      assertThat(client.delivery().getText()).isEqualTo("early");
    }
  }

  @Test
  void a_bad_token_is_answered_and_the_connection_closed() {
    try (FrameTestClient client = server.connect()) {
      ServerFrame answer = client.call(
          ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken("no such token")));

      assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.TOKEN_INVALID);
      assertThat(answer.getError().getFatal()).isTrue();
      assertThat(client.next()).isNull();
    }
  }

  @Test
  void a_missing_token_is_a_bad_token() {
    try (FrameTestClient client = server.connect()) {
      Error error =
          client.call(ClientFrame.newBuilder().setHello(Hello.newBuilder())).getError();

      assertThat(error.getCode()).isEqualTo(ErrorCode.TOKEN_INVALID);
      assertThat(client.next()).isNull();
    }
  }

  @Test
  void an_expired_token_is_a_bad_token() {
    User user = server.user();
    server.clock.advance(Duration.ofHours(25));
    try (FrameTestClient client = server.connect()) {
      Error error = client
          .call(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())))
          .getError();

      assertThat(error.getCode()).isEqualTo(ErrorCode.TOKEN_INVALID);
    }
  }

  @Test
  void a_device_id_of_64_characters_is_taken_and_one_more_is_not() {
    User user = server.user();
    String longest = "😀".repeat(64);
    try (FrameTestClient client = server.connect()) {
      Error error =
          helloError(client, Hello.newBuilder().setToken(user.token()).setDeviceId(longest + "x"));

      assertThat(error.getCode()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(error.getFatal()).isFalse();
      // The connection goes on: a Hello without the fault is welcome.
      client.hello(Hello.newBuilder().setToken(user.token()).setDeviceId(longest));
    }
  }

  @Test
  void another_users_inbox_in_a_resume_position_is_forbidden() {
    User user = server.user();
    User other = server.user();
    try (FrameTestClient client = server.connect()) {
      Error error = helloError(
          client,
          Hello.newBuilder().setToken(user.token()).addResume(position(inbox(other.id()), 0, 0)));

      assertThat(error.getCode()).isEqualTo(ErrorCode.FORBIDDEN);
      client.hello(user.token());
    }
  }

  @Test
  void a_topic_twice_in_resume_is_refused() {
    User user = server.user();
    try (FrameTestClient client = server.connect()) {
      Error error = helloError(
          client,
          Hello.newBuilder()
              .setToken(user.token())
              .addResume(position(room(roomId), 0, 0))
              .addResume(position(room(roomId), 0, 1)));

      assertThat(error.getCode()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void a_position_without_topic_or_out_of_range_is_refused() {
    User user = server.user();
    List<Position> bad = List.of(
        Position.newBuilder().setSeq(1).build(),
        position(room(0), 0, 0),
        position(room(-1), 0, 0),
        position(room(1L << 53), 0, 0),
        position(room(roomId), -1, 0),
        position(room(roomId), 0, 1L << 53),
        position(room(roomId), 0, 1).toBuilder().setMessageId(-5).build());
    try (FrameTestClient client = server.connect()) {
      for (Position position : bad) {
        Error error =
            helloError(client, Hello.newBuilder().setToken(user.token()).addResume(position));

        assertThat(error.getCode()).as("%s", position).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      }
    }
  }

  @Test
  void a_room_position_in_hello_joins_the_room_from_there() {
    User user = server.user();
    long epoch;
    try (FrameTestClient client = server.connect(user)) {
      publish(client, room(roomId), 5);
      epoch = client.join(roomId).getResumed().getEpoch();
    }
    try (FrameTestClient client = server.connect()) {
      Welcome welcome = client.hello(
          Hello.newBuilder().setToken(user.token()).addResume(position(room(roomId), epoch, 3)));

      assertThat(welcome.getResumedList()).hasSize(2);
      Resumed resumed = welcome.getResumedList().stream()
          .filter(r -> r.getTopic().equals(room(roomId)))
          .findFirst()
          .orElseThrow();
      assertThat(resumed.getRecovered()).isTrue();
      assertThat(resumed.getSeq()).isEqualTo(5);
      assertThat(resumed.getNextSeq()).isEqualTo(4);
      assertThat(client.deliveries(2)).extracting(Message::getSeq).containsExactly(4L, 5L);
      assertThat(client.roomInfo(roomId).getRoomInfo().getCount()).isEqualTo(1);
    }
  }

  @Test
  void a_position_of_a_foreign_epoch_gets_a_gap_before_anything_of_its_topic() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      publish(client, room(roomId), 3);
    }
    try (FrameTestClient client = server.connect()) {
      long hello = client.post(ClientFrame.newBuilder()
          .setHello(
              Hello.newBuilder().setToken(user.token()).addResume(position(room(roomId), 77, 2))));

      ServerFrame welcome = client.push();
      assertThat(welcome.getRequestId()).isEqualTo(hello);
      assertThat(welcome.getWelcome().getResumedList())
          .filteredOn(r -> r.getTopic().hasRoomId())
          .allMatch(r -> !r.getRecovered() && r.getNextSeq() == 4);
      ServerFrame gap = client.push();
      assertThat(gap.getRequestId()).isZero();
      assertThat(gap.getGap().getTopic()).isEqualTo(room(roomId));
      assertThat(gap.getGap().getFromSeq()).isZero();
      assertThat(gap.getGap().getToSeq()).isEqualTo(3);
      assertThat(gap.getGap().getEpoch()).isNotEqualTo(77);
      client.publish(room(roomId), "after");
      assertThat(client.delivery().getSeq()).isEqualTo(4);
    }
  }

  @Test
  void a_sequence_that_was_used_again_is_not_recognised() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      publish(client, room(roomId), 3);
      Joined joined = client.join(Join.newBuilder()
          .setRoomId(roomId)
          .setFrom(position(room(roomId), epoch(client, roomId), 2).toBuilder().setMessageId(1)));

      assertThat(joined.getResumed().getRecovered()).isFalse();
      assertThat(joined.getResumed().getNextSeq()).isEqualTo(4);
      assertThat(client.push().getGap().getFromSeq()).isZero();
    }
  }

  // ---- helpers ----

  private static Error helloError(FrameTestClient client, Hello.Builder hello) {
    return client.call(ClientFrame.newBuilder().setHello(hello)).getError();
  }

  private static void publish(FrameTestClient client, Topic topic, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(client.publish(topic, "m" + i).hasPublished()).isTrue();
    }
  }

  private static long epoch(FrameTestClient client, long roomId) {
    return epoch(client, room(roomId));
  }

  private static long epoch(FrameTestClient client, Topic topic) {
    return client.fetch(topic, 0, 1).getHistory().getEpoch();
  }
}
