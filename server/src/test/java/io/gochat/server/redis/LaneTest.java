package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When the next call goes, and in which order those go again that Redis did not know the script of. */
class LaneTest {
  private static final Topic ROOM = Topic.room(7);
  private static final Topic OTHER = Topic.room(8);

  private final Lane lane = new Lane(true);
  private long now;

  @Test
  void next_call_of_a_topic_gathers_and_does_not_wait_for_the_answer_to_the_one_before() {
    AppendCall.Call first = send(ROOM);
    lane.add(pending(ROOM));

    assertThat(lane.next(now)).isEmpty();
    assertThat(lane.waitNanos(now)).isEqualTo(Lane.PATIENCE_NANOS);
    assertThat(lane.next(now + Lane.PATIENCE_NANOS)).hasSize(1);
    lane.settled(first);
    assertThat(lane.holds(ROOM)).isTrue();
  }

  @Test
  void full_call_goes_at_once() {
    send(ROOM);
    for (int i = 0; i < Lane.CALL_MESSAGES; i++) {
      lane.add(pending(ROOM));
    }

    assertThat(lane.next(now)).hasSize(1);
  }

  @Test
  void what_redis_has_not_answered_is_bounded_and_less_while_it_is_slow() {
    for (int i = 0; i < 10 * Lane.FULL_CALLS * Lane.CALL_MESSAGES; i++) {
      lane.add(pending(ROOM));
    }

    List<AppendCall.Call> first = sendAll();
    assertThat(first).hasSize(1);
    assertThat(lane.waitNanos(now)).isEqualTo(Long.MAX_VALUE);
    lane.settled(first.get(0));
    for (int i = 0; i < 2 * Lane.FULL_CALLS; i++) {
      lane.answeredAfter(Lane.QUICK_NANOS - 1);
    }
    List<AppendCall.Call> quick = sendAll();
    assertThat(quick).hasSize(Lane.FULL_CALLS);
    quick.forEach(lane::settled);
    lane.answeredAfter(Lane.QUICK_NANOS);

    assertThat(sendAll()).hasSize(1);
  }

  private List<AppendCall.Call> sendAll() {
    List<AppendCall.Call> sent = new ArrayList<>();
    List<AppendCall.Batch> batches = lane.next(now);
    while (!batches.isEmpty()) {
      sent.add(call(batches));
      batches = lane.next(now);
    }
    return sent;
  }

  @Test
  void topic_of_a_cluster_has_one_call_under_way() {
    Lane ofCluster = new Lane(false);
    ofCluster.add(pending(ROOM));
    AppendCall.Call first = call(ofCluster.next(now));
    ofCluster.add(pending(ROOM));

    assertThat(ofCluster.next(now + 2 * Lane.PATIENCE_NANOS)).isEmpty();
    ofCluster.settled(first);
    assertThat(ofCluster.next(now + 2 * Lane.PATIENCE_NANOS)).hasSize(1);
  }

  @Test
  void calls_without_their_script_go_again_in_their_order_once_all_are_answered() {
    AppendCall.Call first = send(ROOM);
    AppendCall.Call second = send(ROOM);
    AppendCall.Call third = send(OTHER);

    lane.hold(second);
    lane.hold(first);
    assertThat(lane.nextHeld()).isEmpty();
    lane.add(pending(OTHER));
    assertThat(lane.next(now + 2 * Lane.PATIENCE_NANOS)).isEmpty();
    assertThat(lane.overtakenBy(third)).isEmpty();
    lane.settled(third);

    assertThat(lane.nextHeld()).containsExactly(first, second);
    assertThat(lane.next(now + 2 * Lane.PATIENCE_NANOS)).hasSize(1);
  }

  @Test
  void call_without_its_script_is_overtaken_by_a_later_one_of_its_topic_alone() {
    AppendCall.Call before = send(ROOM);
    AppendCall.Call held = send(ROOM);
    AppendCall.Call elsewhere = send(OTHER);
    AppendCall.Call later = send(ROOM);
    lane.hold(held);

    assertThat(lane.overtakenBy(before)).isEmpty();
    assertThat(lane.overtakenBy(elsewhere)).isEmpty();
    assertThat(lane.overtakenBy(later)).containsExactly(held);

    lane.settled(before);
    lane.settled(elsewhere);
    lane.settled(held);
    lane.settled(later);
    assertThat(lane.isIdle()).isTrue();
    assertThat(lane.holds(ROOM)).isFalse();
    assertThat(lane.nextHeld()).isEmpty();
  }

  private AppendCall.Call send(Topic topic) {
    lane.add(pending(topic));
    now += Lane.PATIENCE_NANOS;
    return call(lane.next(now));
  }

  private static AppendCall.Call call(List<AppendCall.Batch> batches) {
    return new AppendCall.Call(batches, new byte[0][], new byte[0][]);
  }

  private static Pending pending(Topic topic) {
    return new Pending(
        new Publication(topic, 3, "user-3", "", "text", null), new CompletableFuture<>(), 264, 0);
  }
}
