package io.gochat.server;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.Gap;
import io.gochat.protocol.GoAway;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.redis.RedisProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes whose Redis lost data, from outside. */
@Timeout(120)
class NodesLossTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Nodes nodes = new Nodes();
  private final RedisProcess redis = nodes.redis("--appendfsync", "always");
  private final Server near = nodes.start(redis, "near");
  private final Server far = nodes.start(redis, "far");

  NodesLossTest() throws StartException {}

  @AfterEach
  void close() {
    nodes.close();
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
}
