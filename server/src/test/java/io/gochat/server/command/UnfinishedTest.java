package io.gochat.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.bounds.Budgets;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class UnfinishedTest {
  private static final int FREE = 4_096;
  private static final int WITHIN_MS = 10_000;

  private final Budgets budgets =
      new Budgets(new Budgets.Limits(1, 1, 160_000, 1, 10_000), new SimpleMeterRegistry());
  private final Waiting room =
      new Waiting(budgets.holder(InetAddress.getLoopbackAddress()), budgets.in(), FREE);
  private final Unfinished unfinished = new Unfinished(room, 0);

  @Test
  void what_was_not_read_has_its_time_once_it_is() {
    unfinished.excuse(WITHIN_MS);

    assertThat(unfinished.isLate(2 * WITHIN_MS - 1)).isFalse();
    assertThat(unfinished.isLate(2 * WITHIN_MS)).isTrue();
  }

  @Test
  void what_keeps_room_from_others_gets_no_more_time_for_it() {
    assertThat(unfinished.fits(8_000)).isTrue();

    unfinished.excuse(WITHIN_MS - 1);

    assertThat(unfinished.holdsRoom()).isTrue();
    assertThat(unfinished.isLate(WITHIN_MS)).isTrue();
  }

  @Test
  void what_is_small_keeps_room_from_nobody_and_is_not_blamed_for_not_being_read() {
    assertThat(unfinished.fits(FREE)).isTrue();

    unfinished.excuse(WITHIN_MS);

    assertThat(unfinished.holdsRoom()).isFalse();
    assertThat(unfinished.isLate(WITHIN_MS)).isFalse();
  }

  @Test
  void its_room_is_given_back_when_it_is_over() {
    unfinished.fits(8_000);

    unfinished.over();

    assertThat(unfinished.holdsRoom()).isFalse();
    assertThat(budgets.in().used()).isZero();
  }
}
