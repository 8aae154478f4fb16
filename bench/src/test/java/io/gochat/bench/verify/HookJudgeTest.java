package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.verify.HookEndpoint.Taken;
import io.gochat.bench.verify.Violation.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HookJudgeTest {
  private static final String ROOM = "room 7";
  private static final Map<String, List<RunHistory.Entry>> LOGS = Map.of(
      ROOM,
      List.of(
          new RunHistory.Entry(1, 101, "p0-1"),
          new RunHistory.Entry(2, 102, "p0-2"),
          new RunHistory.Entry(3, 103, "p0-3")));

  private static Taken taken(long seq) {
    return new Taken("msg_10" + seq, ROOM, 5, seq, 100 + seq, "p0-" + seq);
  }

  private static List<Kind> kinds(List<Taken> taken) {
    return HookJudge.judge(taken, 0, LOGS, RunHistory.Loss.NONE).stream()
        .map(Violation::kind)
        .toList();
  }

  @Test
  void everything_in_order_is_right_and_so_is_what_comes_again() {
    assertThat(kinds(List.of(taken(1), taken(2), taken(3)))).isEmpty();
    assertThat(kinds(List.of(taken(1), taken(2), taken(1), taken(2), taken(3)))).isEmpty();
  }

  @Test
  void what_never_came_is_lost() {
    assertThat(kinds(List.of(taken(1), taken(3)))).containsExactly(Kind.LOST_TAIL);
    assertThat(HookJudge.hasAll(List.of(taken(1), taken(3)), LOGS, RunHistory.Loss.NONE))
        .isFalse();
  }

  @Test
  void what_came_first_after_a_later_one_is_out_of_order() {
    assertThat(kinds(List.of(taken(1), taken(3), taken(2)))).containsExactly(Kind.OUT_OF_ORDER);
  }

  @Test
  void one_id_is_one_message() {
    List<Taken> taken = new ArrayList<>(List.of(taken(1), taken(2), taken(3)));
    taken.add(new Taken("msg_101", ROOM, 5, 1, 101, "p0-9"));

    assertThat(kinds(taken)).containsExactly(Kind.CONTRADICTION);
  }

  @Test
  void what_nobody_logged_is_unexpected_unless_the_store_may_have_lost_it() {
    List<Taken> taken = List.of(taken(1), taken(2), taken(3), taken(4));

    assertThat(kinds(taken)).containsExactly(Kind.UNEXPECTED);
    assertThat(HookJudge.judge(taken, 0, LOGS, new RunHistory.Loss(true, Set.of())))
        .isEmpty();
  }

  @Test
  void a_signature_that_is_not_right_is_told() {
    assertThat(
            HookJudge.judge(List.of(taken(1), taken(2), taken(3)), 1, LOGS, RunHistory.Loss.NONE))
        .extracting(Violation::kind)
        .containsExactly(Kind.BADLY_SIGNED);
  }
}
