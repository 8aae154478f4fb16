package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AttemptLimitTest {
  private final ManualClock clock = new ManualClock();

  @Test
  void a_minutes_worth_at_once_then_one_after_another() {
    AttemptLimit<String> limit = new AttemptLimit<>(10, 100, clock);
    for (int i = 0; i < 10; i++) {
      assertThat(limit.take("a")).isZero();
    }

    assertThat(limit.waitMs("a")).isEqualTo(6_000);
    assertThat(limit.take("a")).isEqualTo(6_000);
    clock.advance(Duration.ofMillis(5_999));
    assertThat(limit.take("a")).isEqualTo(1);
    clock.advance(Duration.ofMillis(1));

    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("a")).isPositive();
  }

  @Test
  void odd_rates_allow_exactly_their_number() {
    AttemptLimit<String> limit = new AttemptLimit<>(7, 100, clock);

    int allowed = 0;
    while (limit.take("a") == 0) {
      allowed++;
    }

    assertThat(allowed).isEqualTo(7);
  }

  @Test
  void keys_do_not_touch_each_other() {
    AttemptLimit<String> limit = new AttemptLimit<>(1, 100, clock);

    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("b")).isZero();
    assertThat(limit.take("a")).isPositive();
  }

  @Test
  void what_is_given_back_can_be_taken_again() {
    AttemptLimit<String> limit = new AttemptLimit<>(1, 100, clock);
    limit.take("a");

    limit.giveBack("a");

    assertThat(limit.take("a")).isZero();
  }

  @Test
  void zero_is_no_limit_and_remembers_nothing() {
    AttemptLimit<String> limit = new AttemptLimit<>(0, 100, clock);

    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.take("a")).isZero();
    }
    assertThat(limit.size()).isZero();
  }

  @Test
  void memory_is_bounded_and_full_buckets_are_forgotten() {
    AttemptLimit<Integer> limit = new AttemptLimit<>(10, 100, clock);
    for (int key = 0; key < 10_000; key++) {
      limit.take(key);
    }
    assertThat(limit.size()).isEqualTo(100);

    clock.advance(Duration.ofMinutes(2));
    for (int key = 0; key < 100; key++) {
      limit.take(-1);
    }

    assertThat(limit.size()).isEqualTo(1);
  }

  @Test
  void a_clock_put_back_locks_nobody_out_for_longer_than_a_minute() {
    AttemptLimit<String> limit = new AttemptLimit<>(1, 100, clock);
    limit.take("a");

    clock.advance(Duration.ofHours(-5));

    assertThat(limit.waitMs("a")).isLessThanOrEqualTo(60_000);
  }
}
