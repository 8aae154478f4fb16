package io.gochat.server.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
  private final FairQueue<String, String, String> queue = new FairQueue<>(6);

  @Test
  void sources_take_turns_and_lanes_within_them_too() {
    queue.offer("crowd", "alice", "a1");
    queue.offer("crowd", "alice", "a2");
    queue.offer("crowd", "alice", "a3");
    queue.offer("crowd", "bob", "b1");
    queue.offer("home", "carol", "c1");
    queue.offer("home", "carol", "c2");

    assertThat(drained()).containsExactly("a1", "c1", "b1", "c2", "a2", "a3");
  }

  @Test
  void newcomer_takes_the_last_place_of_the_longest_lane() {
    for (int i = 1; i <= 6; i++) {
      queue.offer("crowd", "alice", "a" + i);
    }

    assertThat(queue.offer("home", "bob", "b1")).isEqualTo("a6");
    assertThat(queue.offer("crowd", "carol", "c1")).isEqualTo("a5");
    assertThat(queue.size()).isEqualTo(6);
    assertThat(drained()).containsExactly("a1", "b1", "c1", "a2", "a3", "a4");
  }

  @Test
  void one_more_of_the_longest_lane_is_refused_itself() {
    for (int i = 1; i <= 6; i++) {
      queue.offer("crowd", "alice", "a" + i);
    }

    assertThat(queue.offer("crowd", "alice", "a7")).isEqualTo("a7");
    assertThat(queue.size()).isEqualTo(6);
  }

  @Test
  void among_equals_nobody_is_pushed_out() {
    for (int i = 1; i <= 6; i++) {
      queue.offer("address" + i, "name", "n" + i);
    }

    assertThat(queue.offer("another", "name", "late")).isEqualTo("late");
    assertThat(drained()).containsExactly("n1", "n2", "n3", "n4", "n5", "n6");
  }

  @Test
  void whoever_has_left_comes_back_as_anybody() {
    queue.offer("home", "bob", "b1");
    assertThat(queue.poll()).isEqualTo("b1");
    assertThat(queue.poll()).isNull();

    queue.offer("home", "bob", "b2");

    assertThat(queue.size()).isEqualTo(1);
    assertThat(drained()).containsExactly("b2");
  }

  private List<String> drained() {
    List<String> all = new ArrayList<>();
    for (String next = queue.poll(); next != null; next = queue.poll()) {
      all.add(next);
    }
    assertThat(queue.size()).isZero();
    return all;
  }
}
