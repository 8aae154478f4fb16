package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.position;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Join;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Member;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.RoomInfo;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.server.frame.FrameServer.User;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Join, Leave and who is in a room; one server for all tests, users and rooms for each. */
@SuppressWarnings("NullAway.Init")
class FrameRoomsTest {
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
