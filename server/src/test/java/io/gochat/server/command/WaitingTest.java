package io.gochat.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.bounds.Holder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class WaitingTest {
  private final Budgets budgets =
      new Budgets(new Budgets.Limits(160_000, 1, 1, 10_000, 1), new SimpleMeterRegistry());
  private final Holder holder = budgets.holder(InetAddress.getLoopbackAddress());
  private final Waiting waiting = new Waiting(holder, budgets.out(), 1_024);

  @Test
  void a_little_is_not_charged() {
    assertThat(waiting.take(1_024)).isTrue();

    assertThat(budgets.out().used()).isZero();
  }

  @Test
  void more_is_charged_in_steps_and_given_back_whole() {
    waiting.take(1_024);
    waiting.take(1);
    waiting.take(100);
    assertThat(budgets.out().used()).isEqualTo(2_048);

    waiting.take(5_000);
    assertThat(budgets.out().used()).isBetween(5_101L, 7_149L);

    waiting.give(6_125);
    assertThat(budgets.out().used()).isZero();
  }

  @Test
  void what_is_taken_in_the_middle_of_much_is_given_back() {
    waiting.take(50_000);

    waiting.give(40_000);

    assertThat(budgets.out().used()).isBetween(8_976L, 13_072L);
  }

  @Test
  void all_or_nothing_is_taken() {
    long most = budgets.out().limit();

    assertThat(waiting.take(most + 1_025)).isFalse();
    assertThat(budgets.out().used()).isZero();

    assertThat(waiting.take(1_024)).as("what is free is still there").isTrue();
    assertThat(budgets.out().used()).isZero();
  }

  @Test
  void what_must_be_is_counted_beyond_the_bound() {
    waiting.force(1_000_000);

    assertThat(budgets.out().used()).isEqualTo(998_976);
    waiting.give(1_000_000);
    assertThat(budgets.out().used()).isZero();
  }
}
