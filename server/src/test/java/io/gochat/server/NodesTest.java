package io.gochat.server;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.Gap;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.redis.RedisProcess;
import io.lettuce.core.KillArgs;
import io.lettuce.core.Range;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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

  @Test
  void full_redis_refuses_and_says_nothing_false() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient receiver = nodes.connect(far, alice, "");
    receiver.join(7);
    FrameTestClient publisher = nodes.connect(near, alice, "");
    assertThat(nodes.pushRoom(near, alice, 7, "before", "k0").status()).isEqualTo(200);
    redis.ask(r -> r.configSet("maxmemory", "1"));

    Answer overHttp = nodes.pushRoom(near, alice, 7, "over HTTP", "k1");
    ServerFrame overFrames = publisher.publish(room(7), "over frames", "k2");
    Answer login =
        nodes.post(near, "/user/login", "{\"username\":\"alice\",\"password\":\"pw-alice\"}");
    redis.ask(r -> r.configSet("maxmemory", "0"));

    assertThat(overHttp.status()).isEqualTo(503);
    assertThat(overFrames.getError().getCode()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(overFrames.getError().getRetryAfterMs()).isPositive();
    assertThat(login.status()).isEqualTo(503);
    assertThat(receiver.delivery().getText()).isEqualTo("before");
    receiver.expectNothing();
    Answer retried = nodes.pushRoom(near, alice, 7, "over HTTP", "k1");
    assertThat(retried.fields()).containsEntry("duplicate", "false").containsEntry("seq", "2");
    assertThat(receiver.delivery().getText()).isEqualTo("over HTTP");
  }

  @Test
  void what_redis_lost_costs_only_those_whose_messages_are_gone() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient phone = nodes.connect(near, alice, "phone");
    FrameTestClient room = nodes.connect(far, alice, "");
    room.join(9);
    for (int i = 0; i < 30; i++) {
      phone.publish(inbox(alice.id()), "m" + i);
    }
    phone.deliveries(30);
    room.deliveries(30);
    long epoch = nodes.epoch(near, alice);
    phone.ack(inbox(alice.id()), 30, epoch);
    assertThat(nodes.pushRoom(near, alice, 9, "lost", "").status()).isEqualTo(200);
    assertThat(room.delivery().getText()).isEqualTo("lost");

    redis.ask(r -> {
      r.del("gochat:{r:9}:m");
      return r.hset("gochat:{r:9}:s", "last", "0");
    });

    Gap nothing = phone.push().getGap();
    assertThat(nothing.getFromSeq()).isEqualTo(31);
    assertThat(nothing.getToSeq()).isEqualTo(30);
    assertThat(nothing.getEpoch()).isNotEqualTo(epoch).isEqualTo(nodes.epoch(far, alice));
    List<Gap> gaps = List.of(room.push().getGap(), room.push().getGap());
    assertThat(gaps).anySatisfy(gap -> assertThat(gap.getTopic().getRoomId()).isEqualTo(9));
    assertThat(phone.ack(inbox(alice.id()), 30, epoch).hasDone()).isTrue();
    phone.publish(inbox(alice.id()), "after");
    assertThat(phone.delivery().getSeq()).isEqualTo(31);
    phone.expectNothing();
    FrameTestClient again = nodes.connect(far, alice, "phone");
    assertThat(again.delivery().getSeq())
        .as("the first that was not acknowledged")
        .isEqualTo(31);
    again.expectNothing();
  }

  @Test
  void older_copy_put_back_while_all_nodes_were_down_is_told_after_new_epoch() throws Exception {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient phone = nodes.connect(near, alice, "phone");
    phone.publish(inbox(alice.id()), "kept");
    phone.ack(inbox(alice.id()), 1, 0);
    long epoch = nodes.epoch(near, alice);
    Path older = redis.copyOfData();
    Answer lost = nodes.push(near, alice, alice.id(), "lost", "k1");
    User eve = nodes.signIn(near, "eve");
    near.close();
    far.close();
    redis.kill();
    redis.putBack(older);
    redis.startAgain();

    assertThat(Main.run(new String[] {"new-epoch", "--redis=" + redis.uri()}, Map.of()))
        .isZero();

    Server node = nodes.start(redis, "near");
    assertThat(nodes.epoch(node, alice)).isNotEqualTo(epoch);
    Answer again = nodes.push(node, alice, alice.id(), "again", "k2");
    assertThat(again.number("seq")).isEqualTo(lost.number("seq"));
    assertThat(again.number("message_id")).isGreaterThan(lost.number("message_id"));
    assertThat(nodes.signIn(node, "mallory").id()).isGreaterThan(eve.id());
    FrameTestClient back = nodes.connect(node, alice, "phone");
    assertThat(back.delivery().getText()).as("behind what was acknowledged").isEqualTo("again");
    back.expectNothing();
  }

  @Test
  void new_epoch_of_an_empty_redis_is_refused() {
    redis.ask(r -> r.flushall());

    assertThat(Main.run(
            new String[] {"new-epoch", "--redis=" + redis.uri(), "--redis-prefix=other:"},
            Map.of()))
        .isEqualTo(1);
  }

  @Test
  void least_rights_are_enough_and_a_missing_one_is_named() throws Exception {
    String rights = Files.readString(Path.of("..", "docs", "operations.md"))
        .lines()
        .filter(line -> line.startsWith("ACL SETUSER gochat "))
        .findFirst()
        .orElseThrow();
    String[] words = rights.substring("ACL SETUSER gochat ".length()).split(" ", -1);
    setUser(Arrays.stream(words)
        .filter(
            word -> RedisProcess.isSeven() || !word.matches("[+](s(un)?(publish|subscribe)|quit)"))
        .toArray(String[]::new));
    String uri = redis.uri().replace("redis://", "redis://gochat:secret@");

    Server node = nodes.start("--redis=" + uri, "--node-id=limited");
    User alice = nodes.signIn(node, "alice");
    FrameTestClient phone = nodes.connect(node, alice, "phone");
    phone.join(7);
    assertThat(nodes.pushRoom(far, alice, 7, "hello", "k1").status()).isEqualTo(200);
    assertThat(phone.delivery().getText()).isEqualTo("hello");
    assertThat(nodes.pushRoom(node, alice, 7, "hello back", "k2").status()).isEqualTo(200);
    assertThat(nodes.logout(node, alice).status()).isEqualTo(200);

    setUser("-xadd", "-pexpireat");
    assertThatThrownBy(() -> nodes.start("--redis=" + uri, "--node-id=powerless"))
        .hasMessageEndingWith("lacks rights that are needed: +pexpireat +xadd");
    User bob = nodes.signIn(far, "bob");
    await().atMost(SOON).until(() -> nodes.pushRoom(node, bob, 7, "no", "").status() == 503);
    await().atMost(SOON).until(() -> nodes.get(node, "/readyz") == 503);
  }

  private void setUser(String... rules) {
    CommandArgs<String, String> arguments =
        new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add("gochat");
    for (String rule : rules) {
      arguments.add(rule);
    }
    redis.ask(r -> r.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments));
  }

  @Test
  void full_redis_still_ends_sessions_replaces_devices_counts_rooms_and_lets_a_node_start()
      throws StartException {
    User alice = nodes.signIn(near, "alice");
    User phone = nodes.logIn(near, "alice");
    FrameTestClient first = nodes.connect(near, phone, "phone");
    FrameTestClient laptop = nodes.connect(near, alice, "laptop");
    laptop.join(7);
    await().atMost(SOON).until(() -> nodes.count(far, alice, 7) == 1);
    redis.ask(r -> r.configSet("maxmemory", "1"));
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 503);
    await().atMost(SOON).until(() -> nodes.get(far, "/readyz") == 503);

    Server third = nodes.start(redis, "third");
    FrameTestClient second = nodes.connect(far, phone, "phone");
    redis.ask(
        r -> r.clientKill(KillArgs.Builder.typeNormal().skipme())); // presence is written anew
    GoAway replaced = first.goodbye();
    // While connections are made anew the outcome may be unknown; who tries again may have been
    // heard.
    await()
        .atMost(SOON)
        .until(() -> List.of(200, 401).contains(nodes.logout(far, phone).status()));

    assertThat(replaced.getReason()).isEqualTo(GoAway.Reason.REPLACED);
    assertThat(second.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    await().atMost(SOON).until(() -> nodes.count(third, alice, 7) == 1);
    assertThat(nodes.count(far, alice, 7)).isEqualTo(1);
    for (Server node : List.of(near, far, third)) {
      assertThat(nodes.pushRoom(node, phone, 7, "after logout", "").status()).isEqualTo(401);
    }
    redis.ask(r -> r.configSet("maxmemory", "0"));
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 200);
  }

  @Test
  void redis_that_refuses_writes_is_not_ready_and_says_what_it_lacks() {
    User alice = nodes.signIn(near, "alice");
    redis.ask(r -> r.configSet("min-replicas-to-write", "1"));
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 503);

    Answer refused = nodes.pushRoom(near, alice, 7, "too early", "k1");
    redis.ask(r -> r.configSet("min-replicas-to-write", "0"));

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.errorCode()).isEqualTo("overloaded");
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 200);
    assertThat(nodes.pushRoom(near, alice, 7, "too early", "k1").fields())
        .containsEntry("duplicate", "false");
  }

  @Test
  void users_that_redis_lost_are_nobody_and_nobody_gets_their_ids() {
    User alice = nodes.signIn(far, "alice");
    Path older = redis.copyOfData();
    User eve = nodes.signIn(near, "eve");
    FrameTestClient lost = nodes.connect(near, eve, "phone");
    FrameTestClient kept = nodes.connect(near, alice, "phone");
    redis.kill();
    redis.putBack(older);
    redis.startAgain();

    await().atMost(SOON).until(() -> nodes.register(far, "mallory").status() == 200);
    User mallory = nodes.logIn(far, "mallory");

    assertThat(mallory.id()).isGreaterThan(eve.id());
    assertThat(lost.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(nodes.pushRoom(near, eve, 7, "still me", "").status()).isEqualTo(401);
    assertThat(nodes.logInAttempt(near, "eve").status()).isEqualTo(401);
    await()
        .atMost(SOON)
        .until(() -> nodes.push(far, mallory, alice.id(), "hello", "k1").status() == 200);
    assertThat(kept.deliveryOfAnyEpoch().getText()).isEqualTo("hello");
  }

  @Test
  void outage_of_redis_is_told_and_connections_outlive_it() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient receiver = nodes.connect(far, alice, "phone");
    receiver.join(7);
    assertThat(nodes.get(near, "/readyz")).isEqualTo(200);
    redis.pause();

    Answer during = nodes.pushRoom(near, alice, 7, "during", "k1");
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 503);
    redis.resume();

    assertThat(during.status()).isEqualTo(503);
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 200);
    await()
        .atMost(SOON)
        .until(() -> nodes.pushRoom(near, alice, 7, "during", "k1").status() == 200);
    assertThat(receiver.delivery().getText()).isEqualTo("during");
    receiver.expectNothing();
  }
}
