package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.bench.verify.FaultSchedule.Step;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
  private static final Set<FaultKind> ALL = EnumSet.allOf(FaultKind.class);

  @Test
  void the_same_seed_gives_the_same_steps_and_another_seed_others() {
    List<Step> steps = steps(new FaultSchedule(42, ALL, 10, 100), 50);

    assertThat(steps(new FaultSchedule(42, ALL, 10, 100), 50)).isEqualTo(steps);
    assertThat(steps(new FaultSchedule(43, ALL, 10, 100), 50)).isNotEqualTo(steps);
  }

  @Test
  void every_kind_comes_once_in_a_round() {
    Set<FaultKind> kinds = FaultKind.parse("stall,restart,cut-answer");

    List<Step> round = steps(new FaultSchedule(1, kinds, 10, 100), 3);

    assertThat(round.stream().map(Step::kind)).containsExactlyInAnyOrderElementsOf(kinds);
  }

  @Test
  void gaps_and_strengths_stay_within_their_bounds() {
    for (Step step : steps(new FaultSchedule(7, ALL, 10, 100), 1_000)) {
      assertThat(step.gapMs()).isBetween(10, 100);
      assertThat(step.lasting(300, 900)).isBetween(300L, 900L);
    }
  }

  @Test
  void faults_are_named_as_on_the_command_line() {
    assertThat(FaultKind.parse("all")).isEqualTo(ALL);
    assertThat(FaultKind.parse("none")).isEmpty();
    assertThat(FaultKind.parse("kill, cut-middle"))
        .containsExactly(FaultKind.KILL, FaultKind.CUT_MIDDLE);
    assertThatThrownBy(() -> FaultKind.parse("fire")).hasMessageContaining("cut-before");
  }

  private static List<Step> steps(FaultSchedule schedule, int count) {
    return Stream.generate(schedule::next).limit(count).toList();
  }
}
