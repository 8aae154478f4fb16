package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.client.ScriptedServer.Peer;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ClientFrame.CommandCase;
import io.gochat.protocol.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Publishes through everything that can happen to a connection. */
final class PublishTest extends ScriptedDialogue {
  private static final Topic ROOM = Topic.room(5);

  @Test
  void a_publish_carries_an_id_of_its_own_and_completes_with_the_answer() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    var one = client.publish(ROOM, "one");
    ClientFrame first = peer.expect(CommandCase.PUBLISH);
    peer.published(first, 1, false);
    var two = client.publish(ROOM, "two");
    ClientFrame second = peer.expect(CommandCase.PUBLISH);
    peer.published(second, 2, false);

    assertThat(get(one)).isEqualTo(new Published(101, 1, false));
    assertThat(get(two)).isEqualTo(new Published(102, 2, false));
    String id = first.getPublish().getClientMessageId();
    assertThat(id).hasSizeBetween(20, 64).isNotEqualTo(second.getPublish().getClientMessageId());
  }

  @Test
  void what_is_published_before_the_connection_is_sent_with_it() throws Exception {
    var published = client.publish(ROOM, "early");
    client.connect();
    Peer peer = server.acceptAndWelcome();

    peer.published(peer.expect(CommandCase.PUBLISH), 1, false);

    assertThat(get(published).seq()).isEqualTo(1);
  }

  @Test
  void a_cut_before_the_answer_sends_it_again_under_the_same_id() throws Exception {
    client.connect();
    Peer first = server.acceptAndWelcome();
    var published = client.publish(ROOM, "hello");
    ClientFrame before = first.expect(CommandCase.PUBLISH);

    first.close();
    Peer second = server.acceptAndWelcome();
    ClientFrame after = second.expect(CommandCase.PUBLISH);
    second.published(after, 1, true);

    assertThat(after.getPublish()).isEqualTo(before.getPublish());
    assertThat(get(published)).isEqualTo(new Published(101, 1, true));
  }

  @Test
  void publishes_to_a_topic_keep_their_order_across_reconnects() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    List<CompletableFuture<Published>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(client.publish(ROOM, "m" + i));
    }

    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ClientFrame publish = peer.expect(CommandCase.PUBLISH);
      if (!taken.contains(publish.getPublish().getText())) {
        taken.add(publish.getPublish().getText());
      }
      if (i % 3 == 1) {
        peer.close();
        peer = server.acceptAndWelcome();
        publish = peer.expect(CommandCase.PUBLISH);
      }
      peer.published(publish, i + 1, false);
    }

    for (int i = 0; i < 20; i++) {
      assertThat(get(all.get(i)).seq()).isEqualTo(i + 1);
      assertThat(taken.get(i)).isEqualTo("m" + i);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {"OVERLOADED", "STORE_UNAVAILABLE", "TOO_MANY"})
  void a_passing_refusal_is_tried_again_under_the_same_id(ErrorCode code) throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    var published = client.publish(ROOM, "hello");

    ClientFrame refused = peer.expect(CommandCase.PUBLISH);
    long refusedNs = System.nanoTime();
    peer.error(refused, code, 50, false);
    ClientFrame again = peer.expect(CommandCase.PUBLISH);
    peer.published(again, 1, false);

    assertThat(Duration.ofNanos(System.nanoTime() - refusedNs))
        .isGreaterThanOrEqualTo(Duration.ofMillis(45));
    assertThat(again.getPublish()).isEqualTo(refused.getPublish());
    assertThat(get(published).seq()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = ErrorCode.class,
      names = {
        "INVALID_ARGUMENT",
        "RECIPIENT_UNKNOWN",
        "CLIENT_MESSAGE_ID_REUSED",
        "FORBIDDEN",
        "INTERNAL"
      })
  void any_other_refusal_fails_the_future_and_nothing_else(ErrorCode code) throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();
    var refused = client.publish(ROOM, "bad");
    var good = client.publish(ROOM, "good");

    peer.error(peer.expect(CommandCase.PUBLISH), code, 0, false);
    peer.published(peer.expect(CommandCase.PUBLISH), 1, false);

    assertThat(failureOf(refused)).isEqualTo(Failure.of(code));
    assertThat(get(good).seq()).isEqualTo(1);
  }

  @Test
  void a_publish_that_cannot_be_sent_expires() throws Exception {
    try (ChatClient unconnected =
        ChatClient.create(server.options().publishExpiry(Duration.ofMillis(50)).build())) {
      var published = unconnected.publish(ROOM, "hello");

      assertThat(failureOf(published)).isEqualTo(Failure.EXPIRED);
    }
  }

  @Test
  void a_publish_that_nobody_answers_expires_and_makes_way_for_the_next() throws Exception {
    try (ChatClient impatient =
        ChatClient.create(server.options().publishExpiry(Duration.ofMillis(200)).build())) {
      impatient.connect();
      Peer peer = server.acceptAndWelcome();
      var unanswered = impatient.publish(ROOM, "one");
      peer.expect(CommandCase.PUBLISH);

      assertThat(failureOf(unanswered)).isEqualTo(Failure.EXPIRED);

      var answered = impatient.publish(ROOM, "two");
      peer.published(peer.expect(CommandCase.PUBLISH), 2, false);
      assertThat(get(answered).seq()).isEqualTo(2);
    }
  }

  @Test
  void a_full_queue_refuses_at_once_and_says_when_it_has_room() throws Exception {
    try (ChatClient small = ChatClient.create(server.options().outboundQueue(2).build())) {
      small.connect();
      Peer peer = server.acceptAndWelcome();
      assertThat(small.ready()).isDone();
      var one = small.publish(ROOM, "one");
      small.publish(ROOM, "two");
      var three = small.publish(ROOM, "three");

      assertThat(three).isCompletedExceptionally();
      assertThat(failureOf(three)).isEqualTo(Failure.QUEUE_FULL);
      var ready = small.ready();
      assertThat(ready).isNotDone();

      peer.published(peer.expect(CommandCase.PUBLISH), 1, false);
      get(one);
      ready.get(30, TimeUnit.SECONDS);
      var four = small.publish(ROOM, "four");
      peer.published(peer.expect(CommandCase.PUBLISH), 2, false);
      peer.published(peer.expect(CommandCase.PUBLISH), 3, false);
      assertThat(get(four).seq()).isEqualTo(3);
    }
  }

  @Test
  void what_can_never_be_right_fails_without_being_sent() throws Exception {
    client.connect();
    Peer peer = server.acceptAndWelcome();

    assertThat(failureOf(client.publish(ROOM, ""))).isEqualTo(Failure.INVALID_ARGUMENT);
    assertThat(failureOf(client.publish(ROOM, "\ud800"))).isEqualTo(Failure.INVALID_ARGUMENT);
    assertThat(failureOf(client.publish(ROOM, "x", ""))).isEqualTo(Failure.INVALID_ARGUMENT);
    assertThat(failureOf(client.publish(ROOM, "x", "i".repeat(65))))
        .isEqualTo(Failure.INVALID_ARGUMENT);
    assertThat(failureOf(client.publish(ROOM, "x".repeat(70_000))))
        .isEqualTo(Failure.INVALID_ARGUMENT);

    var good = client.publish(ROOM, "😀", "my-id");
    ClientFrame publish = peer.expect(CommandCase.PUBLISH);
    assertThat(publish.getPublish().getClientMessageId()).isEqualTo("my-id");
    peer.published(publish, 1, false);
    get(good);
  }

  @Test
  void with_a_wider_window_publishes_to_one_topic_are_pipelined() throws Exception {
    try (ChatClient wide =
        ChatClient.create(server.options().publishesInFlightPerTopic(8).build())) {
      wide.connect();
      Peer peer = server.acceptAndWelcome();
      List<CompletableFuture<Published>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        all.add(wide.publish(ROOM, "m" + i));
      }

      List<ClientFrame> window = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        window.add(peer.expect(CommandCase.PUBLISH));
      }
      for (int i = 7; i >= 0; i--) {
        peer.published(window.get(i), i + 1, false);
      }
      for (int i = 8; i < 16; i++) {
        peer.published(peer.expect(CommandCase.PUBLISH), i + 1, false);
      }

      for (int i = 0; i < 16; i++) {
        assertThat(get(all.get(i)).seq()).isEqualTo(i + 1);
      }
    }
  }

  private static Published get(CompletableFuture<Published> future) throws Exception {
    return future.get(30, TimeUnit.SECONDS);
  }

  private static Failure failureOf(CompletableFuture<?> future) {
    List<Failure> failure = new ArrayList<>();
    assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(ChatException.class, e -> failure.add(e.failure()));
    return failure.get(0);
  }
}
