package io.gochat.server;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.GoAway;
import io.gochat.protocol.Message;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.redis.RedisProcess;
import io.lettuce.core.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two and three nodes on one real Redis, from outside. */
@Timeout(120)
class NodesTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Nodes nodes = new Nodes();
  private final RedisProcess redis = nodes.redis("--appendfsync", "always");
  private final Server near = nodes.start(redis, "near");
  private final Server far = nodes.start(redis, "far");

  NodesTest() throws StartException {}

  @AfterEach
  void close() {
    nodes.close();
  }

  @Test
  void rooms_and_inboxes_reach_across_nodes_and_a_repeat_is_a_repeat_on_any() {
    User alice = nodes.signIn(near, "alice");
    User bob = nodes.logIn(far, "alice");
    FrameTestClient here = nodes.connect(near, alice, "");
    FrameTestClient there = nodes.connect(far, bob, "");
    here.join(7);
    there.join(7);

    Answer room = nodes.pushRoom(near, alice, 7, "to the room", "key-1");
    Answer again = nodes.pushRoom(far, bob, 7, "to the room", "key-1");
    there.publish(inbox(bob.id()), "to the inbox");

    assertThat(room.status()).isEqualTo(200);
    assertThat(again.fields()).containsEntry("duplicate", "true");
    assertThat(again.number("message_id")).isEqualTo(room.number("message_id"));
    for (FrameTestClient client : List.of(here, there)) {
      assertThat(client.deliveries(2).stream().map(Message::getText))
          .containsExactlyInAnyOrder("to the room", "to the inbox");
      client.expectNothing();
    }
  }

  @Test
  void every_node_delivers_the_same_order() throws StartException {
    Server third = nodes.start(redis, "third");
    List<Server> all = List.of(near, far, third);
    User alice = nodes.signIn(near, "alice");
    List<FrameTestClient> receivers = new ArrayList<>();
    for (Server node : all) {
      FrameTestClient receiver = nodes.connect(node, alice, "");
      receiver.join(7);
      receivers.add(receiver);
    }
    for (Server node : all) {
      FrameTestClient publisher = nodes.connect(node, alice, "");
      for (int i = 0; i < 60; i++) {
        publisher.post(FrameTestClient.publishing(room(7), node.port() + " " + i, ""));
      }
    }

    Set<List<Long>> orders = new HashSet<>();
    for (FrameTestClient receiver : receivers) {
      List<Message> delivered = receiver.deliveries(180);
      assertThat(delivered.stream().map(Message::getSeq))
          .isEqualTo(LongStream.rangeClosed(1, 180).boxed().toList());
      orders.add(delivered.stream().map(Message::getMessageId).toList());
    }

    assertThat(orders).as("the message ids in the order of delivery, per node").hasSize(1);
    assertThat(new HashSet<>(orders.iterator().next())).hasSize(180);
  }

  @Test
  void logout_closes_the_sockets_on_the_other_node() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient socket = nodes.connect(near, alice, "phone");
    User other = nodes.logIn(far, "alice");
    FrameTestClient untouched = nodes.connect(near, other, "laptop");

    nodes.post(far, "/user/logout", "{\"token\":\"" + alice.token() + "\"}");

    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    untouched.expectNothing();
  }

  @Test
  void device_that_connects_to_another_node_replaces_its_first_connection() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient first = nodes.connect(near, alice, "phone");
    FrameTestClient laptop = nodes.connect(near, alice, "laptop");
    FrameTestClient nameless = nodes.connect(near, alice, "");

    FrameTestClient second = nodes.connect(far, alice, "phone");
    GoAway goodbye = first.goodbye();
    FrameTestClient third = nodes.connect(near, alice, "phone");

    assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.REPLACED);
    assertThat(goodbye.getFinal()).isTrue();
    assertThat(second.goodbye().getReason()).isEqualTo(GoAway.Reason.REPLACED);
    for (FrameTestClient left : List.of(third, laptop, nameless)) {
      left.expectNothing();
    }
  }

  @Test
  void late_claim_of_an_older_connection_closes_nothing() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient phone = nodes.connect(near, alice, "phone");
    FrameTestClient laptop = nodes.connect(near, alice, "laptop");
    await().atMost(SOON).until(() -> {
      String claimed =
          redis.ask(r -> r.xrange("gochat:devices", Range.unbounded()).toString());
      return claimed.contains(":phone") && claimed.contains(":laptop");
    });

    // As from a node that died before its claims could be read: an old one, and a new one behind
    // it.
    claim(alice.id() + ":phone", 1);
    claim(alice.id() + ":laptop", Long.MAX_VALUE);

    assertThat(laptop.goodbye().getReason()).isEqualTo(GoAway.Reason.REPLACED);
    phone.expectNothing();
    assertThat(nodes.connect(near, alice, "laptop"))
        .as("a ghost refuses nobody")
        .isNotNull();
  }

  private void claim(String device, long at) {
    redis.ask(r -> r.xadd("gochat:devices", "p", "gone", device, Long.toString(at)));
  }
}
