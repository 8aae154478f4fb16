package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.Hello;
import io.gochat.protocol.History;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.Welcome;
import io.gochat.server.frame.FrameServer.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ack and Fetch; one server for all tests, users and rooms for each. */
@SuppressWarnings("NullAway.Init")
class FrameHistoryTest {
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

  private static ErrorCode code(ServerFrame frame) {
    return frame.getError().getCode();
  }

  private static void publish(FrameTestClient client, Topic topic, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(client.publish(topic, "m" + i).hasPublished()).isTrue();
    }
  }

  private static long epoch(FrameTestClient client, Topic topic) {
    return client.fetch(topic, 0, 1).getHistory().getEpoch();
  }
}
