package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.client.TopicCursor.Verdict;
import org.junit.jupiter.api.Test;

final class TopicCursorTest {
  private static final Topic ROOM = Topic.room(5);

  private final TopicCursor cursor = new TopicCursor(ROOM);

  @Test
  void messages_in_order_are_new_and_move_the_position() {
    cursor.startsAt(1, 10, true);

    assertThat(cursor.judge(10, 901)).isEqualTo(Verdict.NEXT);
    assertThat(cursor.judge(11, 902)).isEqualTo(Verdict.NEXT);
    assertThat(cursor.position()).isEqualTo(new Position(1, 11, 902));
  }

  @Test
  void what_came_before_is_a_duplicate_even_long_ago() {
    cursor.startsAt(1, 1, true);
    for (long seq = 1; seq <= 100; seq++) {
      assertThat(cursor.judge(seq, 1_000 + seq)).isEqualTo(Verdict.NEXT);
    }

    assertThat(cursor.judge(100, 1_100)).isEqualTo(Verdict.DUPLICATE);
    assertThat(cursor.judge(70, 1_070)).isEqualTo(Verdict.DUPLICATE);
    assertThat(cursor.judge(1, 1_001)).isEqualTo(Verdict.DUPLICATE);
  }

  @Test
  void a_used_sequence_with_another_id_is_no_duplicate() {
    cursor.startsAt(1, 1, true);
    cursor.judge(1, 901);
    cursor.judge(2, 902);

    assertThat(cursor.judge(2, 777)).isEqualTo(Verdict.RESTARTED);
    assertThat(cursor.judge(1, 778)).isEqualTo(Verdict.RESTARTED);

    Gap gap = cursor.skipTo(1);
    assertThat(gap).isEqualTo(new Gap(ROOM, 0, 0, 1, true));
    assertThat(cursor.judge(1, 778)).isEqualTo(Verdict.NEXT);
    assertThat(cursor.judge(2, 779)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void a_hole_that_nobody_announced_is_noticed() {
    cursor.startsAt(1, 1, true);
    cursor.judge(1, 901);

    assertThat(cursor.judge(4, 904)).isEqualTo(Verdict.HOLE);
    assertThat(cursor.position()).isEqualTo(new Position(1, 1, 901));
    assertThat(cursor.skipTo(4)).isEqualTo(new Gap(ROOM, 2, 3, 1, false));
    assertThat(cursor.judge(4, 904)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void a_resume_inside_the_window_goes_on_without_a_gap() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));

    resumed.startsAt(1, 21, true);

    assertThat(resumed.judge(20, 920)).isEqualTo(Verdict.DUPLICATE);
    assertThat(resumed.judge(21, 921)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void a_resume_beyond_the_window_is_told_as_a_gap() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));

    resumed.startsAt(1, 31, false);
    assertThat(resumed.position()).isEqualTo(new Position(1, 20, 920));

    assertThat(resumed.lost(1, 21, 30)).isEqualTo(new Gap(ROOM, 21, 30, 1, false));
    assertThat(resumed.judge(31, 931)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void a_changed_epoch_starts_afresh_and_old_numbers_count_again() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));

    resumed.startsAt(2, 4, false);
    Gap gap = resumed.lost(2, 0, 3);

    assertThat(gap).isEqualTo(new Gap(ROOM, 0, 3, 2, true));
    assertThat(resumed.judge(4, 2_004)).isEqualTo(Verdict.NEXT);
    assertThat(resumed.position()).isEqualTo(new Position(2, 4, 2_004));
  }

  @Test
  void a_position_that_is_not_recognised_within_its_epoch_starts_afresh() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));

    resumed.startsAt(1, 6, false);

    assertThat(resumed.lost(1, 0, 5)).isEqualTo(new Gap(ROOM, 0, 5, 1, true));
    assertThat(resumed.judge(6, 2_006)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void a_gap_that_never_comes_is_told_all_the_same() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));

    resumed.startsAt(2, 4, false);

    assertThat(resumed.judge(4, 2_004)).isEqualTo(Verdict.RESTARTED);
    assertThat(resumed.skipTo(4)).isEqualTo(new Gap(ROOM, 0, 3, 2, true));
    assertThat(resumed.judge(4, 2_004)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void a_gap_that_breaks_off_is_told_after_the_next_resume() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));

    resumed.startsAt(2, 4, false);
    resumed.startsAt(2, 4, false);

    assertThat(resumed.position()).isEqualTo(new Position(1, 20, 920));
    assertThat(resumed.lost(2, 0, 3)).isNotNull();
    assertThat(resumed.lost(2, 0, 3)).isNull();
  }

  @Test
  void retention_that_overtakes_in_mid_connection_is_a_gap() {
    cursor.startsAt(1, 1, true);
    cursor.judge(1, 901);

    assertThat(cursor.lost(1, 2, 9)).isEqualTo(new Gap(ROOM, 2, 9, 1, false));
    assertThat(cursor.lost(1, 2, 9)).isNull();
    assertThat(cursor.judge(10, 910)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void an_empty_gap_takes_the_epoch_over_and_keeps_the_message() {
    cursor.startsAt(1, 1, true);
    cursor.judge(1, 901);

    assertThat(cursor.lost(2, 2, 1)).isNull();

    assertThat(cursor.position()).isEqualTo(new Position(2, 1, 901));
    assertThat(cursor.judge(1, 901)).isEqualTo(Verdict.DUPLICATE);
    assertThat(cursor.judge(2, 902)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void an_empty_gap_after_a_start_that_was_not_recognised_tells_nobody() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));
    resumed.startsAt(2, 21, false);

    assertThat(resumed.lost(2, 21, 20)).isNull();

    assertThat(resumed.position()).isEqualTo(new Position(2, 20, 920));
    assertThat(resumed.judge(21, 921)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void an_empty_gap_at_another_place_than_ours_is_told() {
    TopicCursor resumed = new TopicCursor(ROOM, new Position(1, 20, 920));
    resumed.startsAt(2, 4, false);

    assertThat(resumed.lost(2, 4, 3)).isEqualTo(new Gap(ROOM, 0, 3, 2, true));

    assertThat(resumed.judge(4, 2_004)).isEqualTo(Verdict.NEXT);
  }

  @Test
  void an_inbox_older_than_the_window_starts_with_a_gap() {
    cursor.startsAt(1, 50, false);

    assertThat(cursor.lost(1, 1, 49)).isEqualTo(new Gap(ROOM, 1, 49, 1, false));
    assertThat(cursor.judge(50, 950)).isEqualTo(Verdict.NEXT);
  }
}
