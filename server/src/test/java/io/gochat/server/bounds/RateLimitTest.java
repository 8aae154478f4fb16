package io.gochat.server.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateLimitTest {
  private final AtomicLong nowMs = new AtomicLong();

  @Test
  void a_minutes_worth_at_once_then_one_after_another() {
    RateLimit<String> limit = RateLimit.perMinute(10, 100, nowMs::get);
    for (int i = 0; i < 10; i++) {
      assertThat(limit.take("a")).isZero();
    }

    assertThat(limit.waitMs("a")).isEqualTo(6_000);
    assertThat(limit.take("a")).isEqualTo(6_000);
    nowMs.addAndGet(Duration.ofMillis(5_999).toMillis());
    assertThat(limit.take("a")).isEqualTo(1);
    nowMs.addAndGet(Duration.ofMillis(1).toMillis());

    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("a")).isPositive();
  }

  @Test
  void another_rate_counts_from_now_on_and_the_same_one_changes_nothing() {
    RateLimit<String> limit = RateLimit.perSecond(1, 2, 100, nowMs::get);
    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("a")).isZero();

    limit.become(1, 2);
    assertThat(limit.take("a")).isEqualTo(1_000);
    limit.become(1, 3);
    assertThat(limit.take("a")).isZero();
    limit.become(0, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(limit.take("a")).isZero();
    }
    limit.become(10, 1);
    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("a")).isEqualTo(100);
  }

  @Test
  void odd_rates_allow_exactly_their_number() {
    RateLimit<String> limit = RateLimit.perMinute(7, 100, nowMs::get);

    int allowed = 0;
    while (limit.take("a") == 0) {
      allowed++;
    }

    assertThat(allowed).isEqualTo(7);
  }

  @Test
  void keys_do_not_touch_each_other() {
    RateLimit<String> limit = RateLimit.perMinute(1, 100, nowMs::get);

    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("b")).isZero();
    assertThat(limit.take("a")).isPositive();
  }

  @Test
  void what_is_given_back_can_be_taken_again() {
    RateLimit<String> limit = RateLimit.perMinute(1, 100, nowMs::get);
    limit.take("a");

    limit.giveBack("a");

    assertThat(limit.take("a")).isZero();
  }

  @Test
  void zero_is_no_limit_and_remembers_nothing() {
    RateLimit<String> limit = RateLimit.perMinute(0, 100, nowMs::get);

    for (int i = 0; i < 1_000; i++) {
      assertThat(limit.take("a")).isZero();
    }
    assertThat(limit.size()).isZero();
  }

  @Test
  void memory_is_bounded_and_full_buckets_are_forgotten() {
    RateLimit<Integer> limit = RateLimit.perMinute(10, 100, nowMs::get);
    for (int key = 0; key < 10_000; key++) {
      limit.take(key);
    }
    assertThat(limit.size()).isEqualTo(100);

    nowMs.addAndGet(Duration.ofMinutes(2).toMillis());
    for (int key = 0; key < 100; key++) {
      limit.take(-1);
    }

    assertThat(limit.size()).isEqualTo(1);
  }

  @Test
  void a_rate_with_a_burst_allows_the_burst_and_then_the_rate() {
    RateLimit<String> limit = RateLimit.perSecond(2, 5, 100, nowMs::get);
    for (int i = 0; i < 5; i++) {
      assertThat(limit.take("a")).isZero();
    }

    assertThat(limit.take("a")).isEqualTo(500);
    nowMs.addAndGet(500);
    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("a")).isEqualTo(500);
    nowMs.addAndGet(60_000);

    int allowed = 0;
    while (limit.take("a") == 0) {
      allowed++;
    }
    assertThat(allowed).as("a bucket is never fuller than full").isEqualTo(5);
  }

  @Test
  void time_may_begin_anywhere() {
    nowMs.set(-5_000_000);
    RateLimit<String> limit = RateLimit.perMinute(1, 100, nowMs::get);

    assertThat(limit.take("a")).isZero();
    assertThat(limit.take("a")).isEqualTo(60_000);
  }
}
