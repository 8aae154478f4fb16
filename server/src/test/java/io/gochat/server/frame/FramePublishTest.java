package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Message;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.server.frame.FrameServer.User;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages to rooms and to people; one server for all tests, users and rooms for each. */
@SuppressWarnings("NullAway.Init")
class FramePublishTest {
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
}
