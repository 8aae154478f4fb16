package io.gochat.server.redis;

import static io.gochat.server.redis.RedisPair.ROOM;
import static io.gochat.server.redis.RedisPair.publish;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.contract.RecordingListener;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.lettuce.core.KillArgs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Data that Redis lost, below two nodes. */
@Timeout(120)
class RedisLossTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @AutoClose
  private final RedisPair pair = new RedisPair();

  private final RedisProcess redis = pair.redis;
  private RedisStore near = pair.near;
  private final RedisStore far = pair.far;
  private final RecordingListener nearEar = pair.nearEar;
  private final RecordingListener farEar = pair.farEar;

  @Test
  void lost_data_is_noticed_as_a_new_epoch_on_every_node() {
    pair.watchOnBoth();
    for (int i = 0; i < 10; i++) {
      publish(near, "lost" + i, null).join();
    }
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 10);
    long before = near.log().epoch();
    redis.kill();
    redis.forgetEverything();
    redis.startAgain();

    await().atMost(SOON).until(() -> publish(near, "new", null).join() instanceof Accepted);

    await()
        .atMost(SOON)
        .until(() -> !farEar.epochs().isEmpty() && !nearEar.epochs().isEmpty());
    assertThat(near.log().epoch()).isNotEqualTo(before).isEqualTo(far.log().epoch());
    assertThat(near.log().state(ROOM, 0).join().epoch()).isEqualTo(near.log().epoch());
    await().atMost(SOON).until(() -> far.isReady());
    int heard = farEar.messageIds(ROOM).size();
    await().atMost(SOON).until(() -> {
      publish(near, "heard again", null).join();
      return farEar.messageIds(ROOM).size() > heard;
    });
  }

  @Test
  void sequences_that_are_used_again_never_continue_what_was_lost() {
    Map<Long, Long> epochOfId = new ConcurrentHashMap<>();
    far.log().listener(new CommitListener() {
      @Override
      public void committed(List<TopicBatch> batches) {
        for (TopicBatch batch : batches) {
          batch.messages().forEach(m -> epochOfId.put(m.messageId(), batch.epoch()));
        }
      }

      @Override
      public void advanced(Topic topic, long lastSeq) {}

      @Override
      public void epochChanged(long epoch) {}
    });
    pair.watchOnBoth();
    // Far publishes nothing, so it looks only once a second; now and then it has just done so.
    for (int round = 0; round < 3; round++) {
      lose_one_and_go_beyond_it(epochOfId);
    }
  }

  private void lose_one_and_go_beyond_it(Map<Long, Long> epochOfId) {
    await().atMost(SOON).until(() -> publish(near, "kept", null).join() instanceof Accepted);
    Path older = redis.copyOfData();
    long lost = ((Accepted) publish(near, "lost", null).join()).messageId();
    await().atMost(SOON).until(() -> epochOfId.containsKey(lost));
    long before = far.log().epoch();

    redis.kill();
    redis.putBack(older);
    redis.startAgain();
    Set<Long> fresh = new HashSet<>();
    await().atMost(SOON).pollInterval(Duration.ofMillis(2)).until(() -> {
      if (publish(near, "new", null).join() instanceof Accepted accepted) {
        fresh.add(accepted.messageId());
      }
      return far.log().epoch() != before && !fresh.isEmpty();
    });

    assertThat(far.log().read(ROOM, 1, 10, 1 << 16).join().epoch()).isNotEqualTo(before);
    fresh.retainAll(epochOfId.keySet());
    assertThat(fresh).allSatisfy(id -> assertThat(epochOfId.get(id)).isNotEqualTo(before));
  }

  @Test
  void partly_lost_data_is_noticed_and_message_ids_are_not_given_out_twice() {
    Set<Long> ids = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      ids.add(((Accepted) publish(near, "m" + i, null).join()).messageId());
    }
    long before = near.log().epoch();
    // What a failover to a replica that was behind leaves.
    redis.ask(r -> {
      r.hset("gochat:{r:7}:s", "last", "4");
      r.del("gochat:{r:7}:m");
      return r.set("gochat:ids:message", "0");
    });
    redis.ask(r -> r.clientKill(KillArgs.Builder.typeNormal().skipme()));

    await().atMost(SOON).until(() -> near.log().epoch() != before);
    await().atMost(SOON).until(() -> far.log().epoch() == near.log().epoch());
    near.close();
    near = pair.openStore();
    for (int i = 0; i < 10; i++) {
      Accepted accepted = (Accepted) publish(near, "again" + i, null).join();
      assertThat(ids.add(accepted.messageId())).isTrue();
    }
  }

  @Test
  void loss_that_many_topics_show_at_once_is_one_loss() {
    int rooms = 200;
    for (int room = 1; room <= rooms; room++) {
      near.log().watch(Topic.room(room)).join();
      near.log()
          .publish(new Publication(Topic.room(room), 3, "user-3", "", "text", null))
          .join();
    }
    await().atMost(SOON).until(() -> nearEar.end(Topic.room(rooms)) == 1);
    long before = near.log().epoch();

    redis.ask(r -> r.flushall()); // the connections stay

    await().atMost(SOON).until(() -> near.log().epoch() != before);
    await().atMost(SOON).until(() -> near.isReady() && far.isReady());
    // Each replacement raises the ids by up to 2^33; there are 2^53 of them.
    assertThat(Long.parseLong(redis.ask(r -> r.get("gochat:ids:user")))).isLessThan(1L << 36);
  }
}
