package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RetryTest {
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

  @Test
  void the_bound_doubles_up_to_the_longest() {
    Retry retry = new Retry(Duration.ofMillis(100), Duration.ofSeconds(1), () -> HIGHEST);

    LongStream delays = IntStream.range(0, 6).mapToLong(before -> retry.delayMs(0, before));

    assertThat(delays).containsExactly(100L, 200L, 400L, 800L, 1_000L, 1_000L);
  }

  @Test
  void the_jitter_is_full() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Retry retry = new Retry(Duration.ofSeconds(1), Duration.ofSeconds(1), () -> random);

    List<Long> delays = Stream.generate(() -> retry.delayMs(0, 0)).limit(1_000).toList();

    assertThat(delays).as("seed %d", seed).allMatch(d -> d >= 0 && d <= 1_000);
    assertThat(delays).as("seed %d", seed).anyMatch(d -> d < 100).anyMatch(d -> d > 900);
  }

  @Test
  void a_thousand_attempts_do_not_overflow() {
    for (long firstMs : new long[] {1, 3, 1L << 41}) {
      Retry retry = new Retry(Duration.ofMillis(firstMs), Duration.ofDays(40_000), () -> HIGHEST);

      for (int before = 0; before < 1_000; before++) {
        assertThat(retry.delayMs(0, before)).isPositive();
      }
    }
  }

  @Test
  void the_server_s_delay_is_never_undercut_and_spread_by_a_quarter() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Retry retry = new Retry(Duration.ofMillis(100), Duration.ofSeconds(1), () -> random);

    List<Long> delays =
        Stream.generate(() -> retry.delayMs(8_000, 7)).limit(1_000).toList();

    assertThat(delays).as("seed %d", seed).allMatch(d -> d >= 8_000 && d <= 10_000);
    assertThat(delays).as("seed %d", seed).anyMatch(d -> d > 9_500);
  }

  @Test
  void a_command_is_sent_again_only_when_the_refusal_passes_by_itself() {
    Set<Failure> again = EnumSet.noneOf(Failure.class);
    Set<Failure> againWhenTheServerSaysWhen = EnumSet.noneOf(Failure.class);
    for (Failure failure : Failure.values()) {
      if (Retry.passes(new ChatException(failure, "", 0))) {
        again.add(failure);
      }
      if (Retry.passes(new ChatException(failure, "", 1))) {
        againWhenTheServerSaysWhen.add(failure);
      }
    }

    assertThat(again).containsExactlyInAnyOrder(Failure.OVERLOADED, Failure.STORE_UNAVAILABLE);
    assertThat(againWhenTheServerSaysWhen)
        .containsExactlyInAnyOrder(Failure.OVERLOADED, Failure.STORE_UNAVAILABLE, Failure.TOO_MANY);
  }
}
