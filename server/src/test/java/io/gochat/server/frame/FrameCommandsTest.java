package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.position;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.Hello;
import io.gochat.protocol.History;
import io.gochat.protocol.Join;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Member;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Position;
import io.gochat.protocol.Publish;
import io.gochat.protocol.Resumed;
import io.gochat.protocol.RoomInfo;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.ServerFrame.EventCase;
import io.gochat.protocol.Topic;
import io.gochat.protocol.Welcome;
import io.gochat.server.frame.FrameServer.Setup;
import io.gochat.server.frame.FrameServer.User;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command and event over real sockets; one server for all tests, users and rooms for each. */
@SuppressWarnings("NullAway.Init")
class FrameCommandsTest {
  private static final AtomicLong ROOMS = new AtomicLong(100);

  @TempDir
  static Path directory;

  private static FrameServer server;

  private final long roomId = ROOMS.incrementAndGet();

  @BeforeAll
  static void start() throws Exception {
    server = new FrameServer(directory, Setup.standard());
  }

  @AfterAll
  static void stop() {
    server.close();
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

  // ---- Join, Leave, room info ----

  @Test
  void join_delivers_from_now_on() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      publish(client, room(roomId), 2);

      Joined joined = client.join(roomId);

      assertThat(joined.getResumed().getTopic()).isEqualTo(room(roomId));
      assertThat(joined.getResumed().getSeq()).isEqualTo(2);
      assertThat(joined.getResumed().getNextSeq()).isEqualTo(3);
      assertThat(joined.getResumed().getRecovered()).isTrue();
      assertThat(joined.getMemberCount()).isEqualTo(1);
      client.publish(room(roomId), "third");
      assertThat(client.delivery().getSeq()).isEqualTo(3);
    }
  }

  @Test
  void joining_a_joined_room_starts_it_again_at_the_new_position() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      client.join(roomId);
      publish(client, room(roomId), 3);
      client.deliveries(3);

      Joined again = client.join(Join.newBuilder()
          .setRoomId(roomId)
          .setFrom(position(room(roomId), epoch(client, roomId), 1)));

      assertThat(again.getMemberCount()).isEqualTo(1);
      assertThat(client.deliveries(2)).extracting(Message::getSeq).containsExactly(2L, 3L);
      client.expectNothing();
      client.leave(roomId);
      assertThat(client.roomInfo(roomId).getRoomInfo().getCount()).isZero();
    }
  }

  @Test
  void joins_and_leaves_of_one_room_in_one_packet_count_in_their_order() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      publish(client, room(roomId), 2);
      long epoch = epoch(client, roomId);
      Join.Builder fromStart =
          Join.newBuilder().setRoomId(roomId).setFrom(position(room(roomId), epoch, 0));
      client.post(ClientFrame.newBuilder().setJoin(fromStart));
      client.post(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setRoomId(roomId)));
      client.post(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(roomId)));
      long last = client.post(publishing(room(roomId), "seen", ""));

      assertThat(client.answer(last).hasPublished()).isTrue();
      Message delivered = null;
      while (delivered == null || delivered.getSeq() < 3) {
        ServerFrame frame = client.push();
        delivered = frame.hasDelivery() ? frame.getDelivery() : delivered;
      }
      assertThat(delivered.getText()).isEqualTo("seen");
      client.expectNothing();
    }
  }

  @Test
  void after_the_answer_to_leave_nothing_of_the_room_follows() {
    User user = server.user();
    User sender = server.user();
    try (FrameTestClient client = server.connect(user);
        FrameTestClient publisher = server.connect(sender)) {
      client.join(roomId);
      for (int i = 0; i < 50; i++) {
        publisher.post(publishing(room(roomId), "m" + i, ""));
      }

      ServerFrame done = client.leave(roomId);

      assertThat(done.hasDone()).isTrue();
      drain(client); // what came before Done
      publisher.publish(room(roomId), "after");
      client.expectNothing();
    }
  }

  @Test
  void leaving_a_room_that_was_not_joined_is_done() {
    try (FrameTestClient client = server.connect(server.user())) {
      assertThat(client.leave(roomId).hasDone()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 1L << 53, Long.MIN_VALUE})
  void rooms_out_of_range_are_refused_and_the_connection_stays(long bad) {
    try (FrameTestClient client = server.connect(server.user())) {
      double before = server.refused(ErrorKind.INVALID_ARGUMENT);

      List<ServerFrame> answers = List.of(
          client.call(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(bad))),
          client.leave(bad),
          client.roomInfo(bad),
          client.publish(room(bad), "text"),
          client.fetch(room(bad), 0, 10));

      assertThat(answers)
          .allMatch(answer -> answer.getError().getCode() == ErrorCode.INVALID_ARGUMENT);
      assertThat(server.refused(ErrorKind.INVALID_ARGUMENT)).isEqualTo(before + 5);
      client.join(roomId);
    }
  }

  @Test
  void a_join_position_of_another_topic_is_refused() {
    try (FrameTestClient client = server.connect(server.user())) {
      ServerFrame answer = client.call(ClientFrame.newBuilder()
          .setJoin(Join.newBuilder().setRoomId(roomId).setFrom(position(room(roomId + 1), 0, 1))));

      assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }
  }

  @Test
  void room_info_lists_distinct_users_over_all_their_devices() {
    User alice = server.user();
    User bob = server.user();
    try (FrameTestClient one = server.connect(alice);
        FrameTestClient two = server.connect(alice);
        FrameTestClient three = server.connect(bob)) {
      one.join(roomId);
      two.join(roomId);
      assertThat(three.join(roomId).getMemberCount()).isEqualTo(2);

      RoomInfo info = three.roomInfo(roomId).getRoomInfo();

      assertThat(info.getRoomId()).isEqualTo(roomId);
      assertThat(info.getCount()).isEqualTo(2);
      assertThat(info.getMembersList())
          .extracting(Member::getUserId, Member::getUsername)
          .containsExactlyInAnyOrder(
              Tuple.tuple(alice.id(), alice.name()), Tuple.tuple(bob.id(), bob.name()));
      one.leave(roomId);
      assertThat(three.roomInfo(roomId).getRoomInfo().getCount()).isEqualTo(2);
      two.leave(roomId);
      assertThat(three.roomInfo(roomId).getRoomInfo().getCount()).isEqualTo(1);
    }
  }

  @Test
  void presence_of_others_is_pushed() {
    User alice = server.user();
    User bob = server.user();
    try (FrameTestClient one = server.connect(alice)) {
      one.join(roomId);
      try (FrameTestClient two = server.connect(bob)) {
        two.join(roomId);

        ServerFrame joined = awaitPresence(one, 2);
        assertThat(joined.getRequestId()).isZero();
        assertThat(joined.getPresence().getRoomId()).isEqualTo(roomId);
        assertThat(joined.getPresence().getJoinedList())
            .extracting(Member::getUserId)
            .contains(bob.id());
      }
      ServerFrame left = awaitPresence(one, 1);
      assertThat(left.getPresence().getLeftList())
          .extracting(Member::getUserId)
          .containsExactly(bob.id());
    }
  }

  // ---- Publish ----

  @Test
  void a_room_message_carries_everything_and_reaches_the_sender_too() {
    User alice = server.user();
    User bob = server.user();
    try (FrameTestClient one = server.connect(alice);
        FrameTestClient two = server.connect(bob)) {
      one.join(roomId);
      two.join(roomId);

      ServerFrame answer = one.publish(room(roomId), "hällo ☺");

      Message own = one.delivery();
      assertThat(two.delivery()).isEqualTo(own);
      assertThat(own.getMessageId()).isEqualTo(answer.getPublished().getMessageId());
      assertThat(own.getSeq()).isEqualTo(answer.getPublished().getSeq()).isEqualTo(1);
      assertThat(own.getTopic()).isEqualTo(room(roomId));
      assertThat(own.getFromUserId()).isEqualTo(alice.id());
      assertThat(own.getFromUserName()).isEqualTo(alice.name());
      assertThat(own.getToUserName()).isEmpty();
      assertThat(own.getText()).isEqualTo("hällo ☺");
      assertThat(own.getCreatedAtMs()).isPositive();
    }
  }

  @Test
  void a_direct_message_reaches_all_devices_of_the_recipient_and_not_the_sender() {
    User alice = server.user();
    User bob = server.user();
    try (FrameTestClient one = server.connect(alice);
        FrameTestClient two = server.connect(bob);
        FrameTestClient three = server.connect(bob)) {
      ServerFrame answer = one.publish(inbox(bob.id()), "psst");

      assertThat(answer.getPublished().getSeq()).isEqualTo(1);
      Message delivered = two.delivery();
      assertThat(three.delivery()).isEqualTo(delivered);
      assertThat(delivered.getToUserName()).isEqualTo(bob.name());
      assertThat(delivered.getToUserId()).isEqualTo(bob.id());
      assertThat(delivered.getFromUserId()).isEqualTo(alice.id());
      one.expectNothing();
    }
  }

  @Test
  void an_unknown_recipient_is_an_error() {
    try (FrameTestClient client = server.connect(server.user())) {
      ServerFrame answer = client.publish(inbox(Limits.MAX_ID), "anyone?");

      assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.RECIPIENT_UNKNOWN);
      assertThat(answer.getError().getFatal()).isFalse();
    }
  }

  @Test
  void a_direct_message_reaches_who_is_named() {
    User bob = server.user();
    try (FrameTestClient alice = server.connect(server.user());
        FrameTestClient receiver = server.connect(bob)) {
      Publish.Builder named = Publish.newBuilder().setText("psst").setToUserName(bob.name());

      ServerFrame byName = alice.call(ClientFrame.newBuilder().setPublish(named));
      ServerFrame byBoth =
          alice.call(ClientFrame.newBuilder().setPublish(named.setTopic(inbox(bob.id()))));

      assertThat(byName.hasPublished()).isTrue();
      assertThat(byBoth.hasPublished()).isTrue();
      for (Message message : receiver.deliveries(2)) {
        assertThat(message.getTopic()).isEqualTo(inbox(bob.id()));
        assertThat(message.getToUserName()).isEqualTo(bob.name());
      }
    }
  }

  @Test
  void a_name_beside_a_room_or_another_users_id_is_refused() {
    User bob = server.user();
    try (FrameTestClient alice = server.connect(server.user())) {
      Publish.Builder named = Publish.newBuilder().setText("psst").setToUserName(bob.name());

      List<ServerFrame> contradictory = List.of(
          alice.call(ClientFrame.newBuilder().setPublish(named.setTopic(room(roomId)))),
          alice.call(ClientFrame.newBuilder()
              .setPublish(named.setTopic(inbox(server.user().id())))),
          alice.call(ClientFrame.newBuilder().setPublish(named.setTopic(inbox(-1)))));
      ServerFrame nobody = alice.call(ClientFrame.newBuilder()
          .setPublish(Publish.newBuilder().setText("psst").setToUserName("no-such-user")));

      assertThat(contradictory)
          .allMatch(answer -> answer.getError().getCode() == ErrorCode.INVALID_ARGUMENT);
      assertThat(nobody.getError().getCode()).isEqualTo(ErrorCode.RECIPIENT_UNKNOWN);
    }
  }

  @Test
  void bad_publishes_are_refused_one_by_one() {
    try (FrameTestClient client = server.connect(server.user())) {
      List<ServerFrame> answers = List.of(
          client.publish(room(roomId), ""),
          client.publish(room(roomId), "x".repeat(16_385)),
          client.publish(room(roomId), "ä".repeat(8_193)),
          client.publish(room(roomId), "text", "k".repeat(65)),
          client.publish(Topic.getDefaultInstance(), "nowhere"),
          client.publish(inbox(-1), "nobody"),
          client.call(ClientFrame.newBuilder().setPublish(Publish.getDefaultInstance())));

      assertThat(answers)
          .allMatch(answer -> answer.getError().getCode() == ErrorCode.INVALID_ARGUMENT);
      assertThat(
              client.publish(room(roomId), "x".repeat(16_384), "k".repeat(64)).hasPublished())
          .isTrue();
    }
  }

  @Test
  void a_publish_with_a_client_message_id_happens_once() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      ServerFrame first = client.publish(room(roomId), "once", "key");
      ServerFrame again = client.publish(room(roomId), "once", "key");
      ServerFrame other = client.publish(room(roomId), "twice", "key");

      assertThat(first.getPublished().getDuplicate()).isFalse();
      assertThat(again.getPublished().getDuplicate()).isTrue();
      assertThat(again.getPublished().getSeq()).isEqualTo(first.getPublished().getSeq());
      assertThat(again.getPublished().getMessageId())
          .isEqualTo(first.getPublished().getMessageId());
      assertThat(other.getError().getCode()).isEqualTo(ErrorCode.CLIENT_MESSAGE_ID_REUSED);
    }
  }

  @Test
  void publishes_of_one_connection_are_sequenced_in_the_order_sent() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      client.join(roomId);
      for (int i = 0; i < 500; i++) {
        client.post(publishing(room(roomId), "m" + i, ""));
      }

      List<String> texts = new ArrayList<>();
      long lastSeq = 0;
      while (texts.size() < 500) {
        ServerFrame frame = client.push();
        if (frame.hasDelivery()) {
          assertThat(frame.getDelivery().getSeq()).isEqualTo(++lastSeq);
          texts.add(frame.getDelivery().getText());
        }
      }
      for (int i = 0; i < 500; i++) {
        assertThat(texts.get(i)).isEqualTo("m" + i);
      }
    }
  }

  @Test
  void without_a_request_id_success_is_silent_and_failure_is_not() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      client.join(roomId);

      client.send(publishing(room(roomId), "silent", "").build());
      client.send(publishing(room(0), "loud", "").build());

      assertThat(client.push().getError().getCode()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(client.delivery().getText()).isEqualTo("silent");
      client.expectNothing();
    }
  }

  // ---- Ack ----

  @Test
  void what_a_device_acknowledged_is_not_delivered_to_it_again() {
    User alice = server.user();
    User bob = server.user();
    Hello.Builder phone = Hello.newBuilder().setToken(bob.token()).setDeviceId("phone");
    try (FrameTestClient sender = server.connect(alice)) {
      publish(sender, inbox(bob.id()), 4);
    }
    try (FrameTestClient client = server.connect()) {
      client.hello(phone);
      client.deliveries(4);
      assertThat(client.ack(inbox(bob.id()), 3, epoch(client, inbox(bob.id()))).hasDone())
          .isTrue();
      assertThat(client.ack(inbox(bob.id()), 1, 0).hasDone()).isTrue(); // merged by maximum
    }
    try (FrameTestClient client = server.connect()) {
      Welcome welcome = client.hello(phone);

      assertThat(welcome.getResumed(0).getNextSeq()).isEqualTo(4);
      assertThat(client.delivery().getSeq()).isEqualTo(4);
      client.expectNothing();
    }
    try (FrameTestClient client = server.connect()) {
      // A device that was never seen starts after the highest acknowledgement of any other.
      Welcome welcome =
          client.hello(Hello.newBuilder().setToken(bob.token()).setDeviceId("tablet"));

      assertThat(welcome.getResumed(0).getNextSeq()).isEqualTo(4);
    }
  }

  @Test
  void bad_acknowledgements_are_refused() {
    User alice = server.user();
    User bob = server.user();
    try (FrameTestClient client = server.connect(alice)) {
      client.publish(inbox(alice.id()), "note to self");
      long epoch = epoch(client, inbox(alice.id()));

      assertThat(code(client.ack(inbox(bob.id()), 1, 0))).isEqualTo(ErrorCode.FORBIDDEN);
      assertThat(code(client.ack(room(roomId), 1, 0))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.ack(Topic.getDefaultInstance(), 1, 0)))
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.ack(inbox(alice.id()), 2, epoch)))
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.ack(inbox(alice.id()), 0, epoch)))
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.ack(inbox(alice.id()), 1, epoch ^ 1)))
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(client.ack(inbox(alice.id()), 1, epoch).hasDone()).isTrue();
    }
  }

  // ---- Fetch ----

  @Test
  void fetch_pages_through_the_history() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      publish(client, room(roomId), 7);

      History first = client.fetch(room(roomId), 0, 3).getHistory();
      History last = client.fetch(room(roomId), 6, 100).getHistory();
      History beyond = client.fetch(room(roomId), 7, 1).getHistory();

      assertThat(first.getMessagesList()).extracting(Message::getSeq).containsExactly(1L, 2L, 3L);
      assertThat(first.getMessages(0).getText()).isEqualTo("m0");
      assertThat(first.getMessages(0).getTopic()).isEqualTo(room(roomId));
      assertThat(first.getLastSeq()).isEqualTo(7);
      assertThat(first.getFirstSeq()).isEqualTo(1);
      assertThat(Limits.isId(first.getEpoch())).isTrue();
      assertThat(last.getMessagesList()).extracting(Message::getSeq).containsExactly(7L);
      assertThat(beyond.getMessagesList()).isEmpty();
    }
  }

  @Test
  void fetch_of_an_unknown_room_is_empty() {
    try (FrameTestClient client = server.connect(server.user())) {
      History history = client.fetch(room(roomId), 0, 10).getHistory();

      assertThat(history.getMessagesList()).isEmpty();
      assertThat(history.getLastSeq()).isZero();
      assertThat(history.getFirstSeq()).isEqualTo(1);
    }
  }

  @Test
  void a_history_stays_within_the_outbound_bound() {
    User user = server.user();
    String text = "x".repeat(16_384);
    try (FrameTestClient client = server.connect(user)) {
      for (int i = 0; i < 80; i++) {
        client.post(publishing(room(roomId), text, ""));
      }
      client.publish(room(roomId), text);

      ServerFrame answer = client.fetch(room(roomId), 0, 100);

      assertThat(answer.getSerializedSize()).isLessThanOrEqualTo(Limits.MAX_OUTBOUND_FRAME_BYTES);
      assertThat(answer.getHistory().getMessagesCount()).isBetween(60, 64);
      assertThat(answer.getHistory().getLastSeq()).isEqualTo(81);
    }
  }

  @Test
  void bad_fetches_are_refused() {
    User alice = server.user();
    User bob = server.user();
    try (FrameTestClient client = server.connect(alice)) {
      assertThat(code(client.fetch(inbox(bob.id()), 0, 1))).isEqualTo(ErrorCode.FORBIDDEN);
      assertThat(code(client.fetch(room(roomId), 0, 0))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.fetch(room(roomId), 0, 101))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.fetch(room(roomId), 0, -1))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.fetch(room(roomId), -1, 1))).isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(code(client.fetch(Topic.getDefaultInstance(), 0, 1)))
          .isEqualTo(ErrorCode.INVALID_ARGUMENT);
      assertThat(client.fetch(inbox(alice.id()), Limits.MAX_ID, 1).hasHistory()).isTrue();
    }
  }

  @Test
  void fetches_in_one_packet_are_answered_one_after_another() {
    try (FrameTestClient client = server.connect(server.user())) {
      publish(client, room(roomId), 3);
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        ids.add(client.post(ClientFrame.newBuilder()
            .setFetch(Fetch.newBuilder().setTopic(room(roomId)).setLimit(10))));
      }

      for (long id : ids) {
        ServerFrame next = client.push();
        assertThat(next.getRequestId()).isEqualTo(id);
        assertThat(next.getHistory().getMessagesCount()).isEqualTo(3);
      }
    }
  }

  // ---- Ping and the unknown ----

  @Test
  void ping_is_answered_with_and_without_a_request_id() {
    try (FrameTestClient client = server.connect(server.user())) {
      ServerFrame pong = client.call(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
      assertThat(pong.getEventCase()).isEqualTo(EventCase.PONG);

      client.send(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()).build());
      assertThat(client.push().hasPong()).isTrue();
    }
  }

  @Test
  void an_unset_command_is_unknown_and_the_connection_stays() {
    try (FrameTestClient client = server.connect(server.user())) {
      assertThat(code(client.call(ClientFrame.newBuilder()))).isEqualTo(ErrorCode.UNKNOWN_COMMAND);
      client.expectNothing();
    }
  }

  @Test
  void a_command_of_the_future_is_unknown_and_the_connection_stays() {
    try (FrameTestClient client = server.connect(server.user())) {
      // request_id 5, then field 99, length-delimited, empty.
      client.sendBytes(new byte[] {1, 0, 0, 5, 0x08, 0x05, (byte) 0x9A, 0x06, 0x00});

      assertThat(code(client.answer(5))).isEqualTo(ErrorCode.UNKNOWN_COMMAND);
      client.expectNothing();
    }
  }

  @Test
  void unknown_fields_are_ignored() {
    try (FrameTestClient client = server.connect(server.user())) {
      // ping {}, then field 99, varint.
      client.sendBytes(new byte[] {1, 0, 0, 7, 0x08, 0x09, 0x4A, 0x00, (byte) 0x98, 0x06, 0x01});

      assertThat(client.answer(9).hasPong()).isTrue();
    }
  }

  // ---- helpers ----

  private static Error helloError(FrameTestClient client, Hello.Builder hello) {
    return client.call(ClientFrame.newBuilder().setHello(hello)).getError();
  }

  private static ErrorCode code(ServerFrame frame) {
    return frame.getError().getCode();
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

  private static void drain(FrameTestClient client) {
    long ping = client.post(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
    while (client.push().getRequestId() != ping) {}
  }

  private static ServerFrame awaitPresence(FrameTestClient client, int count) {
    ServerFrame frame = client.next();
    while (frame != null && !(frame.hasPresence() && frame.getPresence().getCount() == count)) {
      frame = client.next();
    }
    if (frame == null) {
      throw new AssertionError("the connection ended");
    }
    return frame;
  }
}
