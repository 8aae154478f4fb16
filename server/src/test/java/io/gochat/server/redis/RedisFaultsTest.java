package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Message;
import io.gochat.server.contract.RecordingListener;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.testing.TestResources;
import io.lettuce.core.KillArgs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What breaks between two nodes and their Redis, each with a Redis of its own. */
@Timeout(120)
class RedisFaultsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Topic ROOM = Topic.room(7);

  @AutoClose
  private final TestResources opened = new TestResources();

  // Else Redis may hold writes back for two seconds while an earlier fsync is slow.
  private final RedisProcess redis = opened.add(RedisProcess.start("--appendfsync", "always"));
  private RedisStore near = openStore();
  private final RedisStore far = openStore();
  private final RecordingListener nearEar = listen(near);
  private final RecordingListener farEar = listen(far);

  @Test
  void batches_of_both_nodes_reach_both_in_the_same_order() {
    watchOnBoth();
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      answers.add(publish(near, "near" + i, null));
      answers.add(publish(far, "far" + i, null));
    }
    answers.forEach(answer -> assertThat(answer.join()).isInstanceOf(Accepted.class));

    await().atMost(SOON).until(() -> nearEar.end(ROOM) == 1_000 && farEar.end(ROOM) == 1_000);
    assertThat(nearEar.problems()).isEmpty();
    assertThat(farEar.problems()).isEmpty();
    assertThat(farEar.messageIds(ROOM)).hasSize(1_000).isEqualTo(nearEar.messageIds(ROOM));
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
    assertThat(farEar.messageIds(ROOM)).hasSize(1);
  }

  private boolean isAnythingSubscribed() {
    return redis
        .ask(r -> r.info("stats"))
        .lines()
        .anyMatch(line -> line.matches("pubsub(shard)?_channels:[1-9].*"));
  }

  @Test
  void batch_too_large_for_a_notification_is_told_as_an_end() {
    watchOnBoth();
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
    watchOnBoth();
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
        openStore(RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofSeconds(30)));
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
    watchOnBoth();
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
  void killed_connections_neither_lose_nor_double_anything() {
    Random random = new Random(42);
    watchOnBoth();
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
    watchOnBoth();
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
    watchOnBoth();
    RedisStore hasty =
        openStore(RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofMillis(500)));
    redis.pause();
    PublishResult during = publish(hasty, "during", "key").join();
    redis.resume();

    assertThat(during).isInstanceOf(Refused.class);
    await().atMost(SOON).until(() -> publish(near, "during", "key").join() instanceof Accepted);
    assertThat(texts(near.log())).containsExactly("during");
    await().atMost(SOON).until(() -> farEar.end(ROOM) == 1);
  }

  @Test
  void lost_data_is_noticed_as_a_new_epoch_on_every_node() {
    watchOnBoth();
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
    publish(near, "heard again", null).join();
    await().atMost(SOON).until(() -> farEar.messageIds(ROOM).size() > heard);
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
    watchOnBoth();
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
    near = openStore();
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
    RedisStore store = opened.add(RedisStore.open(
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
    watchOnBoth();
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
        openStore(RedisOptions.of(redis.uri()).withWait(1, Duration.ofMillis(100)));

    PublishResult alone = publish(careful, "text", "key").join();
    assertThat(alone)
        .isInstanceOfSatisfying(
            Refused.class, r -> assertThat(r.kind()).isEqualTo(ErrorKind.STORE_UNAVAILABLE));
    RedisProcess replica =
        opened.add(RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(redis.port())));

    await()
        .atMost(SOON)
        .until(() -> publish(careful, "text", "key").join() instanceof Accepted accepted
            && accepted.duplicate());
    String last = replica.ask(r -> r.hget("gochat:{r:7}:s", "last"));
    assertThat(last).isEqualTo("1");
  }

  private void watchOnBoth() {
    near.log().watch(ROOM).join();
    far.log().watch(ROOM).join();
  }

  private static CompletableFuture<PublishResult> publish(
      RedisStore store, String text, @Nullable String key) {
    return store.log().publish(new Publication(ROOM, 3, "user-3", "", text, key));
  }

  private static List<String> texts(MessageLog log) {
    List<String> texts = new ArrayList<>();
    long next = 1;
    while (true) {
      LogSlice slice = log.read(ROOM, next, 1_000, 1 << 24).join();
      for (LoggedMessage message : slice.messages()) {
        try {
          texts.add(Message.parseFrom(message.bytes()).getText());
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
          throw new CompletionException(e);
        }
        next = message.seq() + 1;
      }
      if (slice.messages().isEmpty()) {
        return texts;
      }
    }
  }

  private RedisStore openStore() {
    // What is accepted here must not fail because the machine is busy.
    return openStore(RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofSeconds(10)));
  }

  private RedisStore openStore(RedisOptions options) {
    return opened.add(SharedRedis.open(options));
  }

  private static RecordingListener listen(RedisStore store) {
    RecordingListener listener = new RecordingListener();
    store.log().listener(listener);
    return listener;
  }
}
