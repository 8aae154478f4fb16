package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.Member;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LocalPresenceTest {
  private static final long ROOM = 7;

  private record Told(int count, List<Long> joined, List<Long> left) {}

  private final EmbeddedChannel time = new EmbeddedChannel();
  private final List<Told> told = new ArrayList<>();
  private final LocalPresence presence = new LocalPresence(
      time.eventLoop(),
      (room, count, joined, left) -> told.add(new Told(count, ids(joined), ids(left))));

  @Test
  void who_came_and_who_went_is_told_once_for_all() {
    enter(1, 3);
    leave(2, 2);

    tell();

    assertThat(told).containsExactly(new Told(2, List.of(1L, 3L), List.of()));
  }

  @Test
  void a_large_room_is_told_its_count_alone() {
    enter(1, 201);

    tell();

    assertThat(told).containsExactly(new Told(201, List.of(), List.of()));
  }

  @Test
  void a_part_of_the_names_is_not_told_when_a_room_shrinks_below_the_bound() {
    enter(1, 203);
    tell();
    told.clear();

    leave(201, 203);
    tell();

    assertThat(told).containsExactly(new Told(200, List.of(), List.of()));
  }

  @Test
  void a_part_of_the_names_is_not_told_when_a_room_was_large_for_a_moment() {
    enter(1, 199);
    tell();
    told.clear();

    enter(200, 202);
    leave(201, 202);
    tell();

    assertThat(told).containsExactly(new Told(200, List.of(), List.of()));
  }

  @Test
  void names_are_told_again_once_the_room_is_small() {
    enter(1, 203);
    tell();
    leave(200, 203);
    tell();
    told.clear();

    leave(199, 199);
    tell();

    assertThat(told).containsExactly(new Told(198, List.of(), List.of(199L)));
  }

  @Test
  void a_room_that_was_left_by_all_begins_anew() {
    enter(1, 2);
    leave(1, 2);
    tell();

    enter(5, 5);
    tell();

    assertThat(told).containsExactly(new Told(1, List.of(5L), List.of()));
    assertThat(presence.room(ROOM, 10).members()).extracting(Member::getUserId).containsExactly(5L);
  }

  private void enter(long from, long to) {
    for (long user = from; user <= to; user++) {
      presence.join(ROOM, user, "u" + user);
    }
  }

  private void leave(long from, long to) {
    for (long user = from; user <= to; user++) {
      presence.leave(ROOM, user);
    }
  }

  private void tell() {
    time.advanceTimeBy(1, TimeUnit.SECONDS);
    time.runScheduledPendingTasks();
  }

  private static List<Long> ids(List<Member> members) {
    return members.stream().map(Member::getUserId).sorted().toList();
  }
}
