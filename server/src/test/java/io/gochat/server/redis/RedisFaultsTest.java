package io.gochat.server.redis;

import static io.gochat.server.redis.RedisPair.ROOM;
import static io.gochat.server.redis.RedisPair.publish;
import static io.gochat.server.redis.RedisPair.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.contract.RecordingListener;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.lettuce.core.KillArgs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What breaks between two nodes and their Redis, each pair with a Redis of its own. */
@Timeout(120)
class RedisFaultsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @AutoClose
  private final RedisPair pair = new RedisPair();

  private final RedisProcess redis = pair.redis;
  private final RedisStore near = pair.near;
  private final RedisStore far = pair.far;
  private final RecordingListener nearEar = pair.nearEar;
  private final RecordingListener farEar = pair.farEar;

  @Test
  void batches_of_both_nodes_reach_both_in_the_same_order() {
    pair.watchOnBoth();
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(publish(near, "near" + i, null));
      answers.add(publish(far, "far" + i, null));
    }
    answers.forEach(answer -> assertThat(answer.join()).isInstanceOf(Accepted.class));

    await().atMost(SOON).until(() -> nearEar.end(ROOM) == 1_000 && farEar.end(ROOM) == 1_000);
    assertThat(nearEar.problems()).isEmpty();
    assertThat(farEar.problems()).isEmpty();
    // A busy node may hear an end instead of messages, which it then reads.
    assertThat(texts(far.log())).hasSize(1_000).isEqualTo(texts(near.log()));
  }

  @Test
  void unwatched_topic_is_not_told_and_watched_again_it_is() {
    far.log().watch(ROOM).join();
    far.log().unwatch(ROOM);
    await().atMost(SOON).until(() -> !isAnythingSubscribed());
    publish(near, "one", null).join();
    far.log().watch(ROOM).join();
    publish(near, "two", null).join();

    await().atMost(SOON).until(() -> farEar.end(ROOM) == 2);
    assertThat(farEar.messageIds(ROOM)).as("not of the first").hasSizeLessThan(2);
  }

  private boolean isAnythingSubscribed() {
    return redis
        .ask(r -> r.info("stats"))
        .lines()
        .anyMatch(line -> line.matches("pubsub(shard)?_channels:[1-9].*"));
  }

  @Test
  void batch_too_large_for_a_notification_is_told_as_an_end() {
    pair.watchOnBoth();
    String large = "x".repeat(16_384);
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      answers.add(publish(near, large, null));
    }
    answers.forEach(CompletableFuture::join);

    await().atMost(SOON).until(() -> farEar.end(ROOM) == 300);
    assertThat(farEar.messageIds(ROOM)).hasSizeLessThan(300);
  }

  @Test
  void forgotten_scripts_are_loaded_again_and_order_is_kept() {
    pair.watchOnBoth();
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      if (i % 50 == 0) {
        redis.ask(r -> r.scriptFlush());
      }
      answers.add(publish(near, "m" + i, null));
    }

    for (int i = 0; i < 600; i++) {
      assertThat(((Accepted) answers.get(i).join()).seq()).isEqualTo(i + 1);
    }
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 600);
    assertThat(farEar.problems()).isEmpty();
  }

  @Test
  void calls_to_one_topic_do_not_wait_for_each_other_and_keep_their_order_without_their_script() {
    RedisStore patient =
        pair.openStore(RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofSeconds(30)));
    publish(patient, "ids are reserved", null).join();
    redis.ask(r -> r.scriptFlush());
    redis.ask(r -> r.configResetstat());
    redis.pause();
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    for (int i = 0; i < 3 * Lane.CALL_MESSAGES; i++) {
      answers.add(publish(patient, "m" + i, null));
    }

    redis.resume();

    for (int i = 0; i < answers.size(); i++) {
      assertThat(((Accepted) answers.get(i).join()).seq()).isEqualTo(i + 2);
    }
    String calls = redis.ask(r -> r.info("commandstats"));
    assertThat(calls)
        .as("several calls were under way, each of which needed the script")
        .containsPattern("cmdstat_eval:calls=([2-9]|[1-9]\\d)");
  }

  @Test
  void lost_notifications_are_noticed_without_anything_following() {
    pair.watchOnBoth();
    publish(near, "one", null).join();
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 1);

    redis.ask(r -> r.clientKill(KillArgs.Builder.typePubsub()));
    publish(near, "two", null).join();

    await().atMost(SOON).until(() -> farEar.end(ROOM) == 2 && nearEar.end(ROOM) == 2);
    await().atMost(SOON).until(() -> {
      publish(near, "more", null).join();
      long end = near.log().state(ROOM, 0).join().lastSeq();
      return farEar.end(ROOM) == end;
    });
  }

  @Test
  void committer_that_dies_answers_everybody_and_says_so() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    CountDownLatch died = new CountDownLatch(1);
    InstantSource clock = () -> {
      if (broken.get() && Thread.currentThread().getName().equals("gochat-redis-commit")) {
        throw new StackOverflowError("of a test");
      }
      return Instant.now();
    };
    RedisStore store = pair.opened.add(RedisStore.open(
        RedisOptions.of(redis.uri()), clock, new SimpleMeterRegistry(), died::countDown));
    publish(store, "before", null).join();

    broken.set(true);
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(publish(store, "m" + i, null));
    }

    for (CompletableFuture<PublishResult> answer : answers) {
      assertThat(answer.get(30, TimeUnit.SECONDS)).isInstanceOf(Refused.class);
    }
    assertThat(died.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(publish(store, "after", null).get(30, TimeUnit.SECONDS)).isInstanceOf(Refused.class);
    assertThat(store.isReady()).isFalse();
  }

  @Test
  void listener_that_throws_hears_the_ends_of_what_it_did_not_take() {
    pair.watchOnBoth();
    Set<Long> told = ConcurrentHashMap.newKeySet();
    far.log().listener(new CommitListener() {
      @Override
      public void committed(List<TopicBatch> batches) {
        throw new StackOverflowError("of a test");
      }

      @Override
      public void advanced(Topic topic, long lastSeq) {
        told.add(lastSeq);
      }

      @Override
      public void epochChanged(long epoch) {}
    });

    publish(near, "one", null).join();
    await().atMost(SOON).until(() -> told.contains(1L));
    publish(near, "two", null).join();

    await().atMost(SOON).until(() -> told.contains(2L));
  }
}
