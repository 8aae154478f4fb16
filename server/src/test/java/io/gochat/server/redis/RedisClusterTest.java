package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.Message;
import io.gochat.server.contract.RecordingListener;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import io.lettuce.core.KillArgs;
import io.lettuce.core.cluster.SlotHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes on a real cluster of three masters, one of which has a replica. */
@Timeout(120)
class RedisClusterTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final RedisClusterProcesses cluster = new RedisClusterProcesses(1);
  private final RedisStore near = SharedRedis.open(RedisOptions.of(cluster.uri()));
  private final RedisStore far = SharedRedis.open(RedisOptions.of(cluster.uri()));
  private final RecordingListener ear = new RecordingListener();

  @AfterEach
  void close() {
    near.close();
    far.close();
    cluster.close();
  }

  @Test
  void everything_works_over_all_slots_and_a_failover() {
    accounts_and_sessions_work();
    far.log().listener(ear);
    for (int room = 1; room <= 30; room++) {
      far.log().watch(Topic.room(room)).join();
    }
    publish_to_all_rooms(10);
    for (int room = 1; room <= 30; room++) {
      Topic topic = Topic.room(room);
      await().atMost(SOON).until(() -> ear.end(topic) == 10);
    }
    assertThat(ear.problems()).isEmpty();

    cluster.node(0).kill();
    for (int room = 1; room <= 30; room++) {
      Topic topic = Topic.room(room);
      await().atMost(SOON).until(() -> publish(topic, "after", "after").join() instanceof Accepted);
    }

    for (int room = 1; room <= 30; room++) {
      Topic topic = Topic.room(room);
      await()
          .atMost(SOON)
          .ignoreExceptions() // a read may meet a connection that is made anew
          .until(() -> ear.end(topic) == near.log().state(topic, 0).join().lastSeq());
      await()
          .atMost(SOON)
          .until(() -> publish(topic, "once more", "once more").join() instanceof Accepted);
    }
    for (int room = 1; room <= 30; room++) {
      Topic topic = Topic.room(room);
      await().atMost(SOON).until(() -> ear.end(topic) >= 12);
    }
    await().atMost(SOON).until(() -> near.isReady() && far.isReady());
  }

  @Test
  void killed_connections_neither_lose_nor_double_anything() {
    Topic topic = Topic.room(7);
    List<String> accepted = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      String start = "start" + round;
      await().atMost(SOON).until(() -> publish(topic, start, start).join() instanceof Accepted);
      List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        if (i == 150) {
          for (int node = 0; node < 3; node++) {
            cluster
                .node(node)
                .ask(r -> r.clientKill(KillArgs.Builder.typeNormal().skipme()));
          }
        }
        answers.add(publish(topic, round + "-" + i, null));
      }
      for (int i = 0; i < answers.size(); i++) {
        if (answers.get(i).join() instanceof Accepted) {
          accepted.add(round + "-" + i);
        }
      }
    }

    await().atMost(SOON).until(() -> near.isReady());
    List<String> stored =
        await().atMost(SOON).ignoreExceptions().until(() -> texts(topic), texts -> true);
    assertThat(stored).doesNotHaveDuplicates().containsAll(accepted);
  }

  @Test
  void master_that_does_not_answer_delays_its_own_topics_only() {
    RedisStore patient =
        SharedRedis.open(RedisOptions.of(cluster.uri()).withCommandTimeout(Duration.ofSeconds(30)));
    // Else the others refuse everything, once they have missed the one for long enough.
    for (int node = 0; node < 3; node++) {
      cluster.node(node).ask(r -> r.configSet("cluster-require-full-coverage", "no"));
    }
    Topic stuck = roomOf(1);
    List<Topic> others = List.of(roomOf(0), roomOf(2));
    try {
      for (Topic topic : List.of(stuck, others.get(0), others.get(1))) {
        assertThat(publish(patient, topic, "before").join()).isInstanceOf(Accepted.class);
      }

      cluster.node(1).pause();
      CompletableFuture<PublishResult> waiting = publish(patient, stuck, "waits");
      for (int i = 0; i < 10; i++) {
        for (Topic other : others) {
          assertThat(publish(patient, other, "m" + i).join()).isInstanceOf(Accepted.class);
        }
      }

      assertThat(waiting).isNotDone();
      cluster.node(1).resume();
      assertThat(waiting.join()).isInstanceOf(Accepted.class);
    } finally {
      cluster.node(1).resume();
      patient.close();
    }
  }

  // The masters share the slots in order, in equal parts.
  private static Topic roomOf(int master) {
    for (int room = 1; ; room++) {
      if (SlotHash.getSlot("{r:" + room + "}") * 3 / SlotHash.SLOT_COUNT == master) {
        return Topic.room(room);
      }
    }
  }

  private List<String> texts(Topic topic) {
    List<String> texts = new ArrayList<>();
    LogSlice slice;
    do {
      slice = near.log().read(topic, texts.size() + 1, 1_000, 1 << 24).join();
      for (LoggedMessage message : slice.messages()) {
        try {
          texts.add(Message.parseFrom(message.bytes()).getText());
        } catch (InvalidProtocolBufferException e) {
          throw new AssertionError(e);
        }
      }
    } while (texts.size() < slice.lastSeq());
    return texts;
  }

  private void accounts_and_sessions_work() {
    long id = near.accounts().create("Zoë", "zoë", "hash").join().orElseThrow().userId();
    assertThat(far.accounts().findByKey("zoë").join().orElseThrow().userId()).isEqualTo(id);
    assertThat(far.accounts().findById(id).join()).isPresent();
    assertThat(far.accounts().create("ZOË", "zoë", "hash").join()).isEmpty();

    List<String> deleted = new CopyOnWriteArrayList<>();
    far.sessions().onDeletedElsewhere(deleted::add);
    near.sessions()
        .save(new Session("s1", id, "Zoë", System.currentTimeMillis() + 60_000))
        .join();
    assertThat(far.sessions().find("s1").join()).isPresent();
    near.sessions().delete("s1").join();
    await().atMost(Duration.ofSeconds(30)).until(() -> deleted.contains("s1"));

    near.positions().acknowledge(id, "phone", near.log().epoch(), 5).join();
    assertThat(far.positions().acknowledged(id, "").join().seq()).isEqualTo(5);
  }

  private void publish_to_all_rooms(int messages) {
    List<CompletableFuture<PublishResult>> answers = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      for (int room = 1; room <= 30; room++) {
        answers.add(publish(Topic.room(room), "m" + i, null));
      }
    }
    for (CompletableFuture<PublishResult> answer : answers) {
      assertThat(answer.join()).isInstanceOf(Accepted.class);
    }
  }

  private CompletableFuture<PublishResult> publish(Topic topic, String text, @Nullable String key) {
    return near.log().publish(new Publication(topic, 3, "user-3", "", text, key));
  }

  private static CompletableFuture<PublishResult> publish(
      RedisStore store, Topic topic, String text) {
    return store.log().publish(new Publication(topic, 3, "user-3", "", text, null));
  }
}
