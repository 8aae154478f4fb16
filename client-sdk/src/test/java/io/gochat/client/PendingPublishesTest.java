package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PendingPublishesTest {
  private static final Topic A = Topic.room(1);
  private static final Topic B = Topic.user(2);

  private final List<String> wire = new ArrayList<>();
  private final Map<String, Long> lastRequestId = new HashMap<>();
  private long nextRequestId = 1;

  @Test
  void one_publish_per_topic_is_on_the_wire_and_topics_take_turns() {
    PendingPublishes publishes = new PendingPublishes(1);
    List.of("a1", "a2").forEach(t -> publishes.add(publish(A, t)));
    List.of("b1", "b2").forEach(t -> publishes.add(publish(B, t)));

    pump(publishes, 0);
    assertThat(wire).containsExactly("a1", "b1");

    answer(publishes, "b1");
    pump(publishes, 0);
    assertThat(wire).containsExactly("a1", "b1", "b2");
  }

  @Test
  void at_most_64_are_on_the_wire() {
    PendingPublishes publishes = new PendingPublishes(64);
    for (int i = 0; i < 200; i++) {
      publishes.add(publish(i % 2 == 0 ? A : B, "m" + i));
    }

    pump(publishes, 0);

    assertThat(wire).hasSize(64);
  }

  @Test
  void after_a_lost_connection_everything_unanswered_is_sent_again_in_order() {
    PendingPublishes publishes = new PendingPublishes(3);
    List.of("a1", "a2", "a3", "a4").forEach(t -> publishes.add(publish(A, t)));
    pump(publishes, 0);
    answer(publishes, "a2");

    publishes.linkDown();
    wire.clear();
    pump(publishes, 0);

    assertThat(wire).containsExactly("a1", "a3", "a4");
  }

  @Test
  void nothing_overtakes_a_publish_that_was_refused() {
    PendingPublishes publishes = new PendingPublishes(3);
    List.of("a1", "a2", "a3", "a4", "a5").forEach(t -> publishes.add(publish(A, t)));
    pump(publishes, 0);

    publishes.refused(requestIdOf("a1"), 1_000);
    answer(publishes, "a2");
    pump(publishes, 999);
    assertThat(wire).containsExactly("a1", "a2", "a3");
    assertThat(publishes.nextWakeUpMs()).isEqualTo(1_000);

    pump(publishes, 1_000);
    assertThat(wire).containsExactly("a1", "a2", "a3", "a1");

    answer(publishes, "a1");
    pump(publishes, 1_000);
    assertThat(wire).containsExactly("a1", "a2", "a3", "a1", "a4", "a5");
  }

  @Test
  void a_refusal_holds_its_own_topic_only() {
    PendingPublishes publishes = new PendingPublishes(1);
    publishes.add(publish(A, "a1"));
    pump(publishes, 0);
    publishes.refused(requestIdOf("a1"), 1_000);

    publishes.add(publish(B, "b1"));
    pump(publishes, 0);

    assertThat(wire).containsExactly("a1", "b1");
  }

  @Test
  void what_is_too_old_is_given_up_and_makes_way() {
    PendingPublishes publishes = new PendingPublishes(1);
    publishes.add(pending(Recipient.of(A), "old", "id-old", 100));
    publishes.add(pending(Recipient.of(A), "young", "id-young", 200));
    pump(publishes, 0);

    List<PendingPublish> expired = publishes.expire(100);
    pump(publishes, 100);

    assertThat(expired).extracting(PendingPublish::text).containsExactly("old");
    assertThat(wire).containsExactly("old", "young");
    assertThat(publishes.answered(requestIdOf("old"))).isEmpty();
  }

  @Test
  void what_is_too_large_is_returned_and_makes_way() {
    PendingPublishes publishes = new PendingPublishes(1);
    publishes.add(publish(A, "large"));
    publishes.add(publish(A, "small"));

    List<PendingPublish> tooLarge =
        publishes.pump(0, p -> p.text().equals("large") ? 0 : send(p), () -> true);

    assertThat(tooLarge).extracting(PendingPublish::text).containsExactly("large");
    assertThat(wire).containsExactly("small");
  }

  @Test
  void nothing_is_sent_into_a_socket_that_is_not_writable() {
    PendingPublishes publishes = new PendingPublishes(1);
    publishes.add(publish(A, "a1"));

    publishes.pump(0, this::send, () -> false);
    assertThat(wire).isEmpty();

    pump(publishes, 0);
    assertThat(wire).containsExactly("a1");
  }

  /**
   * A model server takes a prefix of what is on the wire, refuses some, answers some, and breaks the connection at
   * random. Whatever it does, each publish is stored once, and each topic in the order of the calls.
   */
  @Test
  void each_publish_is_stored_once_and_in_order_whatever_happens() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 2_000; round++) {
      Model model = new Model(random);
      model.run(12);
      assertThat(model.stored.get(Recipient.of(A)))
          .as("seed %d round %d", seed, round)
          .isSorted();
      assertThat(model.stored.get(Recipient.of(B)))
          .as("seed %d round %d", seed, round)
          .isSorted();
      assertThat(model.answered).as("seed %d round %d", seed, round).hasSize(24);
    }
  }

  private static final class Model {
    private final Random random;
    private final PendingPublishes publishes = new PendingPublishes(1);
    private final Deque<Map.Entry<Long, PendingPublish>> wire = new ArrayDeque<>();
    private final Map<Recipient, List<Integer>> stored = new HashMap<>();
    private final Set<String> storedIds = new HashSet<>();
    private final Set<String> answered = new HashSet<>();
    private long nowMs;
    private long requestId;

    Model(Random random) {
      this.random = random;
    }

    void run(int perTopic) {
      for (int i = 0; i < perTopic; i++) {
        publishes.add(pending(Recipient.of(A), "" + i, "a" + i, Long.MAX_VALUE));
        publishes.add(pending(Recipient.of(B), "" + i, "b" + i, Long.MAX_VALUE));
      }
      while (publishes.size() > 0) {
        publishes.pump(
            nowMs++,
            p -> {
              wire.add(Map.entry(++requestId, p));
              return requestId;
            },
            () -> true);
        step();
      }
    }

    private void step() {
      Map.Entry<Long, PendingPublish> next = wire.poll();
      int dice = random.nextInt(10);
      if (next != null && dice < 7) {
        if (dice == 0) {
          publishes.refused(next.getKey(), nowMs + random.nextInt(5));
        } else {
          store(next.getValue());
          if (dice > 1) {
            publishes.answered(next.getKey()).ifPresent(p -> answered.add(p.clientMessageId()));
          } else {
            breakConnection();
          }
        }
      } else if (dice == 9) {
        breakConnection();
      } else if (next != null) {
        wire.addFirst(next);
      }
    }

    private void store(PendingPublish publish) {
      if (storedIds.add(publish.clientMessageId())) {
        stored
            .computeIfAbsent(publish.to(), t -> new ArrayList<>())
            .add(Integer.valueOf(publish.text()));
      }
    }

    private void breakConnection() {
      while (!wire.isEmpty() && random.nextBoolean()) {
        store(wire.remove().getValue());
      }
      wire.clear();
      publishes.linkDown();
    }
  }

  private PendingPublish publish(Topic topic, String text) {
    return pending(Recipient.of(topic), text, "id-" + text, Long.MAX_VALUE);
  }

  private static PendingPublish pending(Recipient to, String text, String id, long deadlineMs) {
    Promise<Published> promise =
        new Promise<>(new Admission(Integer.MAX_VALUE), new Completions(Runnable::run));
    return new PendingPublish(to, text, id, 0, deadlineMs, promise);
  }

  private void pump(PendingPublishes publishes, long nowMs) {
    publishes.pump(nowMs, this::send, () -> true);
  }

  private long send(PendingPublish publish) {
    wire.add(publish.text());
    lastRequestId.put(publish.text(), nextRequestId);
    return nextRequestId++;
  }

  private long requestIdOf(String text) {
    return lastRequestId.getOrDefault(text, 0L);
  }

  private void answer(PendingPublishes publishes, String text) {
    assertThat(publishes.answered(requestIdOf(text))).isPresent();
  }
}
