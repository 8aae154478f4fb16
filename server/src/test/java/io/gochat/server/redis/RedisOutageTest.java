package io.gochat.server.redis;

import static io.gochat.server.redis.RedisPair.ROOM;
import static io.gochat.server.redis.RedisPair.publish;
import static io.gochat.server.redis.RedisPair.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.contract.RecordingListener;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.lettuce.core.KillArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Redis that is gone, hangs, is full or lacks a replica, below two nodes. */
@Timeout(120)
class RedisOutageTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @AutoClose
  private final RedisPair pair = new RedisPair();

  private final RedisProcess redis = pair.redis;
  private final RedisStore near = pair.near;
  private final RedisStore far = pair.far;
  private final RecordingListener nearEar = pair.nearEar;
  private final RecordingListener farEar = pair.farEar;

  @Test
  void killed_connections_neither_lose_nor_double_anything() {
    Random random = new Random(42);
    pair.watchOnBoth();
    Set<String> accepted = new HashSet<>();
    Set<String> unknown = new HashSet<>();
    for (int round = 0; round < 15; round++) {
      String start = "start" + round;
      await().atMost(SOON).until(() -> publish(near, start, start).join() instanceof Accepted);
      accepted.add(start);
      List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        if (i == 100 + random.nextInt(50)) {
          redis.ask(r -> r.clientKill(KillArgs.Builder.typeNormal().skipme()));
        }
        answers.add(publish(near, round + "-" + i, null));
      }
      for (int i = 0; i < 200; i++) {
        boolean success = answers.get(i).join() instanceof Accepted;
        (success ? accepted : unknown).add(round + "-" + i);
      }
    }

    await().atMost(SOON).until(() -> near.isReady() && far.isReady());
    List<String> texts = texts(near.log());
    assertThat(texts).doesNotHaveDuplicates().containsAll(accepted);
    assertThat(accepted).hasSizeGreaterThan(500);
    texts.removeAll(accepted);
    assertThat(unknown).containsAll(texts);
    await()
        .atMost(SOON)
        .until(() -> farEar.end(ROOM) == near.log().state(ROOM, 0).join().lastSeq());
  }

  @Test
  void outage_refuses_and_ends_by_itself() {
    pair.watchOnBoth();
    Accepted before = (Accepted) publish(near, "before", "key").join();
    redis.kill();

    PublishResult during = publish(near, "during", "key2").join();
    assertThat(during).isInstanceOfSatisfying(Refused.class, refused -> {
      assertThat(refused.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE);
      assertThat(refused.retryAfterMs()).isPositive();
    });
    assertThat(near.log().state(ROOM, 0))
        .failsWithin(SOON)
        .withThrowableThat()
        .withCauseInstanceOf(StoreUnavailableException.class);
    await().atMost(SOON).until(() -> !near.isReady());
    redis.startAgain();

    await().atMost(SOON).until(() -> publish(near, "during", "key2").join() instanceof Accepted);
    await().atMost(SOON).until(() -> near.isReady() && far.isReady());
    assertThat(publish(far, "before", "key").join())
        .isEqualTo(new Accepted(before.messageId(), before.seq(), true));
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 2 && nearEar.end(ROOM) == 2);
    publish(near, "after", null).join();
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 3);
    assertThat(nearEar.epochs())
        .as("with its append-only file nothing was lost")
        .isEmpty();
  }

  @Test
  void topic_that_is_wanted_during_an_outage_is_watched_after_it() {
    redis.kill();
    await().atMost(SOON).until(() -> !far.isReady());
    assertThat(far.log().watch(ROOM))
        .failsWithin(SOON)
        .withThrowableThat()
        .withCauseInstanceOf(StoreUnavailableException.class);
    redis.startAgain();

    await().atMost(SOON).until(() -> {
      CompletableFuture<Void> watched = far.log().watch(ROOM).toCompletableFuture();
      return !watched.handle((done, failure) -> failure != null).get(30, TimeUnit.SECONDS);
    });
    await().atMost(SOON).until(() -> publish(near, "heard", "key").join() instanceof Accepted);
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 1);
  }

  @Test
  void paused_redis_is_an_outage_too() {
    pair.watchOnBoth();
    RedisStore hasty =
        pair.openStore(RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofMillis(500)));
    redis.pause();
    PublishResult during = publish(hasty, "during", "key").join();
    redis.resume();

    assertThat(during).isInstanceOf(Refused.class);
    await().atMost(SOON).until(() -> publish(near, "during", "key").join() instanceof Accepted);
    assertThat(texts(near.log())).containsExactly("during");
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 1);
  }

  @Test
  void full_redis_is_overload_and_reads_go_on() {
    publish(near, "before", null).join();
    redis.ask(r -> r.configSet("maxmemory", "1"));

    PublishResult during = publish(near, "during", "key").join();
    assertThat(during).isInstanceOfSatisfying(Refused.class, refused -> {
      assertThat(refused.kind()).isEqualTo(ErrorKind.OVERLOADED);
      assertThat(refused.retryAfterMs()).isPositive();
    });
    assertThat(texts(near.log())).containsExactly("before");
    redis.ask(r -> r.configSet("maxmemory", "0"));

    assertThat(publish(near, "during", "key").join())
        .isInstanceOfSatisfying(Accepted.class, a -> assertThat(a.duplicate()).isFalse());
    assertThat(texts(near.log())).containsExactly("before", "during");
  }

  @Test
  void waiting_for_a_replica_that_is_not_there_is_an_unknown_outcome() {
    RedisStore careful =
        pair.openStore(RedisOptions.of(redis.uri()).withWait(1, Duration.ofMillis(100)));

    PublishResult alone = publish(careful, "text", "key").join();
    assertThat(alone)
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
    RedisProcess replica = pair.opened.add(
        RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(redis.port())));

    await()
        .atMost(SOON)
        .until(() -> publish(careful, "text", "key").join() instanceof Accepted accepted
            && accepted.duplicate());
    String last = replica.ask(r -> r.hget("gochat:{r:7}:s", "last"));
    assertThat(last).isEqualTo("1");
  }
}
