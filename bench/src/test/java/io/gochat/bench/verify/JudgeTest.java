package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.verify.RunHistory.Entry;
import io.gochat.bench.verify.RunHistory.Event;
import io.gochat.bench.verify.RunHistory.GapTold;
import io.gochat.bench.verify.RunHistory.Life;
import io.gochat.bench.verify.RunHistory.Outcome;
import io.gochat.bench.verify.RunHistory.Submission;
import io.gochat.bench.verify.RunHistory.Subscription;
import io.gochat.bench.verify.Violation.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JudgeTest {
  private static final String ROOM = "room 7";

  private final List<Submission> submissions = new ArrayList<>();
  private final Map<String, List<Entry>> logs = new HashMap<>();
  private final List<Entry> log = new ArrayList<>();
  private final List<Subscription> subscriptions = new ArrayList<>();
  private final Map<String, Long> evidence = new HashMap<>();
  private boolean gapsAllowed;
  private RunHistory.Loss loss = RunHistory.Loss.NONE;

  @Test
  void a_clean_history_passes_and_every_receiver_has_the_hash_of_the_log() {
    publishedAndLogged(5);
    handed("r0", 1, 2, 3, 4, 5);
    handed("r1", 1, 2, 3, 4, 5);

    Verdict verdict = judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.passed()).isTrue();
    assertThat(verdict.accepted()).isEqualTo(5);
    assertThat(verdict.handed()).isEqualTo(10);
    assertThat(verdict.hashes()).containsEntry(ROOM, SequenceHash.of(log));
  }

  @Test
  void an_accepted_value_that_the_log_does_not_hold_is_lost() {
    publishedAndLogged(2);
    submit("p0-3", Outcome.ACCEPTED, 3);
    handed("r0", 1, 2);

    assertThat(kinds()).containsExactly(Kind.LOST_FROM_LOG);
  }

  @Test
  void a_missing_prefix_middle_and_tail_are_told_apart() {
    publishedAndLogged(6);
    handed("r0", 2, 3, 5);

    Verdict verdict = judge();

    assertThat(verdict.counts())
        .containsEntry(Kind.LOST_PREFIX, 1)
        .containsEntry(Kind.LOST_MIDDLE, 1)
        .containsEntry(Kind.LOST_TAIL, 1)
        .containsEntry(Kind.HASH_DIFFERS, 1)
        .hasSize(4);
  }

  @Test
  void a_receiver_that_was_handed_nothing_lost_everything() {
    publishedAndLogged(3);
    handed("r0");

    assertThat(judge().counts())
        .containsEntry(Kind.LOST_TAIL, 3)
        .containsEntry(Kind.HASH_DIFFERS, 1);
  }

  @Test
  void the_same_sequence_twice_in_one_life_is_a_duplicate() {
    publishedAndLogged(3);
    handed("r0", 1, 2, 2, 3);

    assertThat(kinds()).containsExactly(Kind.DUPLICATED);
  }

  @Test
  void swapped_messages_are_out_of_order() {
    publishedAndLogged(3);
    handed("r0", 1, 3, 2);

    assertThat(kinds())
        .contains(Kind.OUT_OF_ORDER, Kind.HASH_DIFFERS)
        .doesNotContain(Kind.LOST_MIDDLE);
  }

  @Test
  void a_second_life_may_repeat_what_lies_beyond_the_stored_position() {
    publishedAndLogged(5);
    lives("r0", life(Life.NOT_STORED, 1, 2, 3), life(1, 2, 3, 4, 5));

    assertThat(judge().violations()).isEmpty();
  }

  @Test
  void a_second_life_that_repeats_what_the_stored_position_covers_is_a_duplicate() {
    publishedAndLogged(4);
    lives("r0", life(Life.NOT_STORED, 1, 2, 3), life(2, 2, 3, 4));

    assertThat(kinds()).containsExactly(Kind.DUPLICATED);
  }

  @Test
  void a_second_life_that_starts_beyond_the_stored_position_skipped_something() {
    publishedAndLogged(5);
    lives("r0", life(Life.NOT_STORED, 1, 2, 3), life(1, 3, 4, 5));

    assertThat(kinds()).containsExactly(Kind.OUT_OF_ORDER);
  }

  @Test
  void what_neither_life_was_handed_is_lost_in_the_middle() {
    publishedAndLogged(5);
    lives("r0", life(Life.NOT_STORED, 1, 2), life(2, 4, 5));

    assertThat(kinds()).containsExactlyInAnyOrder(Kind.LOST_MIDDLE, Kind.HASH_DIFFERS);
  }

  @Test
  void a_value_that_nobody_published_is_unexpected() {
    publishedAndLogged(2);
    log.add(new Entry(3, 103, "ghost-1"));

    assertThat(kinds()).containsExactly(Kind.UNEXPECTED);
  }

  @Test
  void a_value_in_another_topic_than_it_was_published_to_is_unexpected() {
    publishedAndLogged(2);
    handed("r0", 1, 2);
    logs.put("room 8", new ArrayList<>(List.of(new Entry(1, 900, "p0-1"))));

    assertThat(kinds()).contains(Kind.UNEXPECTED);
  }

  @Test
  void a_message_that_is_handed_over_but_not_in_the_log_is_unexpected() {
    publishedAndLogged(2);
    subscriptions.add(new Subscription(
        "r0",
        ROOM,
        List.of(
            new Life(Life.NOT_STORED, List.of(entry(1), entry(2), new Entry(3, 103, "p0-3"))))));

    assertThat(kinds()).contains(Kind.UNEXPECTED, Kind.HASH_DIFFERS);
  }

  @Test
  void a_refused_value_that_was_published_all_the_same_is_unexpected() {
    submit("p0-1", Outcome.REFUSED, 0);
    logs.put(ROOM, new ArrayList<>(List.of(entry(1))));
    handed("r0", 1);

    assertThat(kinds()).containsExactlyInAnyOrder(Kind.UNEXPECTED, Kind.REFUSED);
  }

  @Test
  void an_unknown_outcome_may_be_published_once_or_not_at_all() {
    publishedAndLogged(2);
    submit("p0-3", Outcome.UNKNOWN, 0);
    submit("p0-4", Outcome.UNKNOWN, 0);
    log.add(entry(3));
    handed("r0", 1, 2, 3);

    Verdict verdict = judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.unknown()).isEqualTo(2);
    assertThat(verdict.unknownPublished()).isEqualTo(1);
  }

  @Test
  void an_unknown_outcome_that_is_published_twice_is_a_violation() {
    publishedAndLogged(1);
    submit("p0-2", Outcome.UNKNOWN, 0);
    log.add(new Entry(2, 102, "p0-2"));
    log.add(new Entry(3, 103, "p0-2"));
    handed("r0", 1);
    subscriptions.clear();

    assertThat(kinds()).containsExactly(Kind.PUBLISHED_TWICE);
  }

  @Test
  void an_answer_with_other_figures_than_the_log_is_a_contradiction() {
    submit("p0-1", Outcome.ACCEPTED, 9);
    logs.put(ROOM, new ArrayList<>(List.of(entry(1))));

    assertThat(kinds()).containsExactly(Kind.CONTRADICTION);
  }

  @Test
  void a_callback_with_another_message_id_than_the_log_is_a_contradiction() {
    publishedAndLogged(1);
    subscriptions.add(new Subscription(
        "r0", ROOM, List.of(new Life(Life.NOT_STORED, List.of(new Entry(1, 999, "p0-1"))))));

    assertThat(kinds()).containsExactlyInAnyOrder(Kind.CONTRADICTION, Kind.HASH_DIFFERS);
  }

  @Test
  void a_hole_in_the_log_is_seen() {
    submit("p0-1", Outcome.ACCEPTED, 1);
    submit("p0-3", Outcome.ACCEPTED, 3);
    logs.put(ROOM, new ArrayList<>(List.of(entry(1), entry(3))));

    assertThat(kinds()).containsExactly(Kind.LOG_HOLE);
  }

  @Test
  void values_of_one_publisher_that_the_log_reorders_are_seen() {
    submit("p0-1", Outcome.ACCEPTED, 2);
    submit("p0-2", Outcome.ACCEPTED, 1);
    logs.put(ROOM, new ArrayList<>(List.of(new Entry(1, 101, "p0-2"), new Entry(2, 102, "p0-1"))));
    submissions.replaceAll(s ->
        new Submission(s.value(), s.publisher(), s.counter(), s.topic(), s.outcome(), s.seq(), 0));

    assertThat(kinds()).containsExactly(Kind.PUBLISHER_ORDER);
  }

  @Test
  void a_gap_is_a_violation_where_everything_is_retained() {
    publishedAndLogged(3);
    subscriptions.add(new Subscription(
        "r0",
        ROOM,
        List.of(new Life(Life.NOT_STORED, List.of(entry(1), new GapTold(2, 2, false), entry(3))))));

    assertThat(kinds()).containsExactlyInAnyOrder(Kind.UNEXPECTED_GAP, Kind.LOST_MIDDLE);
  }

  @Test
  void a_gap_that_was_told_excuses_what_lies_in_it_and_nothing_else() {
    gapsAllowed = true;
    publishedAndLogged(6);
    List<Event> events = Arrays.asList(entry(1), new GapTold(0, 3, false), entry(4), entry(6));
    subscriptions.add(new Subscription("r0", ROOM, List.of(new Life(Life.NOT_STORED, events))));

    assertThat(kinds()).containsExactly(Kind.LOST_MIDDLE);
  }

  @Test
  void after_a_change_of_epoch_what_was_handed_over_may_come_again_but_nothing_may_be_missing() {
    gapsAllowed = true;
    publishedAndLogged(4);
    GapTold newEpoch = new GapTold(0, 0, true);
    List<Event> complete =
        Arrays.asList(entry(1), entry(2), newEpoch, entry(1), entry(2), entry(3), entry(4));
    List<Event> broken = Arrays.asList(entry(1), entry(2), newEpoch, entry(1), entry(2), entry(4));
    subscriptions.add(new Subscription("r0", ROOM, List.of(new Life(0, complete))));

    assertThat(kinds()).isEmpty();

    subscriptions.set(0, new Subscription("r0", ROOM, List.of(new Life(0, broken))));

    assertThat(kinds()).containsExactly(Kind.LOST_MIDDLE);
  }

  @Test
  void what_the_store_lost_is_forgiven_where_it_was_told_to_whoever_had_it() {
    lostFourAndFive();
    List<Event> room = Arrays.asList(
        entry(1), entry(2), entry(3), entry(4), entry(5), new GapTold(0, 3, true), again(4));
    List<Event> inbox = Arrays.asList(
        entry(1),
        entry(2),
        entry(3),
        entry(4),
        new GapTold(0, 0, true),
        entry(1),
        entry(2),
        entry(3),
        again(4));
    List<Event> behind = Arrays.asList(entry(1), entry(2), entry(3), again(4));
    for (List<Event> events : List.of(room, inbox, behind)) {
      subscriptions.add(new Subscription("r0", ROOM, List.of(new Life(0, events))));
    }

    Verdict verdict = judge();

    assertThat(verdict.violations()).isEmpty();
    assertThat(verdict.takenBack()).isEqualTo(2);
  }

  @Test
  void what_the_store_lost_without_a_word_to_whoever_had_it_is_a_violation() {
    lostFourAndFive();
    List<Event> silent = Arrays.asList(entry(1), entry(2), entry(3), entry(4), entry(5));
    subscriptions.add(new Subscription("r0", ROOM, List.of(new Life(0, silent))));

    assertThat(judge().counts())
        .containsEntry(Kind.TAKEN_BACK_UNTOLD, 2)
        .containsEntry(Kind.LOST_TAIL, 1);
  }

  @Test
  void a_life_that_resumes_behind_what_was_lost_has_to_be_told_and_one_before_it_not() {
    lostFourAndFive();
    Life before = new Life(0, List.of(entry(1), entry(2), entry(3), entry(4), entry(5)));
    Life fromThree = new Life(3, List.of(again(4)));
    Life fromFive = new Life(5, List.of(new GapTold(0, 4, true)));
    Life untold = new Life(5, List.of());
    subscriptions.add(new Subscription("r0", ROOM, List.of(before, fromThree)));
    subscriptions.add(new Subscription("r1", ROOM, List.of(before, fromFive)));

    assertThat(kinds()).isEmpty();

    subscriptions.add(new Subscription("r2", ROOM, List.of(before, untold)));

    assertThat(judge().counts()).containsEntry(Kind.TAKEN_BACK_UNTOLD, 2);
  }

  @Test
  void a_told_loss_excuses_neither_an_earlier_hole_nor_a_message_that_comes_twice() {
    lostFourAndFive();
    List<Event> hole = Arrays.asList(entry(1), entry(3), entry(4), new GapTold(0, 4, true));
    List<Event> twice = Arrays.asList(
        entry(1), entry(2), entry(3), entry(4), new GapTold(0, 3, true), again(4), again(4));
    subscriptions.add(new Subscription("r0", ROOM, List.of(new Life(0, hole))));
    subscriptions.add(new Subscription("r1", ROOM, List.of(new Life(0, twice))));

    assertThat(kinds()).containsExactly(Kind.LOST_MIDDLE, Kind.DUPLICATED);
  }

  @Test
  void an_accepted_value_outside_of_what_the_store_was_made_to_lose_is_lost() {
    lostFourAndFive();
    loss = new RunHistory.Loss(true, Set.of("p0-5"));
    subscriptions.add(new Subscription(
        "r0",
        ROOM,
        List.of(new Life(0, List.of(entry(1), entry(2), entry(3), new GapTold(0, 4, true))))));

    assertThat(kinds()).containsExactly(Kind.LOST_FROM_LOG);
  }

  @Test
  void a_gap_without_a_change_of_epoch_is_no_telling_of_a_loss() {
    lostFourAndFive();
    List<Event> events =
        Arrays.asList(entry(1), entry(2), entry(3), entry(4), new GapTold(5, 5, false), again(4));
    subscriptions.add(new Subscription("r0", ROOM, List.of(new Life(0, events))));

    assertThat(kinds()).contains(Kind.UNEXPECTED_GAP, Kind.TAKEN_BACK_UNTOLD);
  }

  /** Five were accepted, the store lost two of them, and the sixth got the sequence of one of those. */
  private void lostFourAndFive() {
    publishedAndLogged(3);
    submit("p0-4", Outcome.ACCEPTED, 4);
    submit("p0-5", Outcome.ACCEPTED, 5);
    submissions.add(new Submission("p0-6", "p0", 6, ROOM, Outcome.ACCEPTED, 4, 204));
    log.add(again(4));
    loss = new RunHistory.Loss(true, Set.of("p0-4", "p0-5"));
  }

  private static Entry again(long seq) {
    return new Entry(seq, 200 + seq, "p0-" + (seq + 2));
  }

  @Test
  void a_fault_that_never_happened_proves_nothing() {
    publishedAndLogged(1);
    handed("r0", 1);
    evidence.put("kills", 0L);
    evidence.put("cuts", 3L);

    assertThat(kinds()).containsExactly(Kind.FAULT_DID_NOT_FIRE);
  }

  private void publishedAndLogged(int count) {
    for (int seq = 1; seq <= count; seq++) {
      submit("p0-" + seq, Outcome.ACCEPTED, seq);
      log.add(entry(seq));
    }
    logs.put(ROOM, log);
  }

  private void submit(String value, Outcome outcome, long seq) {
    long counter = Long.parseLong(value.substring(value.indexOf('-') + 1));
    submissions.add(
        new Submission(value, "p0", counter, ROOM, outcome, seq, seq == 0 ? 0 : 100 + seq));
  }

  private static Entry entry(long seq) {
    return new Entry(seq, 100 + seq, "p0-" + seq);
  }

  private static Life life(long resumedAfter, long... seqs) {
    return new Life(
        resumedAfter, Arrays.stream(seqs).mapToObj(seq -> (Event) entry(seq)).toList());
  }

  private void handed(String receiver, long... seqs) {
    lives(receiver, life(Life.NOT_STORED, seqs));
  }

  private void lives(String receiver, Life... lives) {
    subscriptions.add(new Subscription(receiver, ROOM, List.of(lives)));
  }

  private Verdict judge() {
    return Judge.judge(
        new RunHistory(submissions, logs, subscriptions, gapsAllowed, loss, evidence));
  }

  private List<Kind> kinds() {
    return judge().violations().stream().map(Violation::kind).toList();
  }
}
