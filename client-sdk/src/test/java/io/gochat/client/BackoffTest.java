package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BackoffTest {
  @Test
  void the_bound_doubles_up_to_the_longest() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), () -> HIGHEST);

    long[] delays = new long[6];
    for (int i = 0; i < delays.length; i++) {
      delays[i] = backoff.nextDelayMs();
    }

    assertThat(delays).containsExactly(100, 200, 400, 800, 1_000, 1_000);
  }

  @Test
  void it_starts_over_after_a_good_connection() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), () -> HIGHEST);
    backoff.nextDelayMs();
    backoff.nextDelayMs();

    backoff.reset();

    assertThat(backoff.nextDelayMs()).isEqualTo(100);
  }

  @Test
  void the_jitter_is_full() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(1), () -> random);

    List<Long> delays = Stream.generate(backoff::nextDelayMs).limit(1_000).toList();

    assertThat(delays).as("seed %d", seed).allMatch(d -> d >= 0 && d <= 1_000);
    assertThat(delays).as("seed %d", seed).anyMatch(d -> d < 100).anyMatch(d -> d > 900);
  }

  @Test
  void a_thousand_attempts_do_not_overflow() {
    Backoff backoff = new Backoff(Duration.ofMillis(3), Duration.ofDays(40_000), () -> HIGHEST);

    for (int i = 0; i < 1_000; i++) {
      assertThat(backoff.nextDelayMs()).isPositive();
    }
  }

  @Test
  void the_server_s_delay_is_never_undercut() {
    Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), () -> HIGHEST);

    assertThat(backoff.afterServerDelayMs(5_000)).isBetween(5_000L, 5_100L);
  }

  private static final RandomGenerator HIGHEST = new RandomGenerator() {
    @Override
    public long nextLong() {
      return Long.MAX_VALUE;
    }

    @Override
    public long nextLong(long bound) {
      return bound - 1;
    }
  };
}
