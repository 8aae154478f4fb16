package io.gochat.server.clock;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuardedClockTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final ManualClock machine = new ManualClock();
  private final GuardedClock clock = machine.guarded();

  @Test
  void a_clock_that_moves_like_time_is_the_wall_clock() {
    machine.advance(Duration.ofDays(40)); // nobody looked meanwhile

    assertThat(clock.isTrusted()).isTrue();
    assertThat(clock.millis()).isEqualTo(machine.millis());
    assertThat(clock.wallMillis()).isEqualTo(machine.millis());
  }

  @Test
  void small_corrections_are_followed_and_add_up_over_hours() {
    for (int hour = 0; hour < 24; hour++) {
      machine.advance(Duration.ofHours(1));
      machine.jump(Duration.ofMinutes(4));

      assertThat(clock.isTrusted()).isTrue();
      assertThat(clock.millis()).isEqualTo(machine.millis());
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {6, -6, 31 * 24 * 60, -40 * 24 * 60})
  void a_jump_is_distrusted_at_the_first_look_and_trusted_time_goes_on(long minutes) {
    machine.advance(MINUTE);
    long beforeMs = clock.millis();

    machine.jump(Duration.ofMinutes(minutes));
    machine.advance(MINUTE);

    assertThat(clock.millis()).isEqualTo(beforeMs + MINUTE.toMillis());
    assertThat(clock.isTrusted()).isFalse();
    assertThat(clock.wallMillis()).isEqualTo(machine.millis());
  }

  @Test
  void many_small_steps_within_an_hour_are_a_jump_too() {
    for (int step = 0; step < 6; step++) {
      machine.advance(MINUTE);
      machine.jump(MINUTE);
      clock.millis();
    }

    assertThat(clock.isTrusted()).isFalse();
  }

  @Test
  void a_clock_that_came_back_is_trusted_at_once() {
    machine.jump(Duration.ofDays(31));
    assertThat(clock.isTrusted()).isFalse();
    machine.advance(MINUTE);

    machine.jump(Duration.ofDays(-31).plusSeconds(3));

    assertThat(clock.isTrusted()).isTrue();
    assertThat(clock.millis()).isEqualTo(machine.millis());
  }

  @Test
  void a_clock_that_stays_where_it_went_is_believed_after_an_hour() {
    machine.jump(Duration.ofDays(2));
    clock.millis();

    machine.advance(Duration.ofMinutes(59));
    assertThat(clock.isTrusted()).isFalse();
    machine.advance(MINUTE);

    assertThat(clock.isTrusted()).isTrue();
    assertThat(clock.millis()).isEqualTo(machine.millis());
  }

  @Test
  void a_clock_that_jumps_again_and_again_is_not_believed() {
    for (int day = 1; day < 10; day++) {
      machine.jump(Duration.ofDays(1));
      clock.millis();
      machine.advance(Duration.ofMinutes(40));

      assertThat(clock.isTrusted()).isFalse();
    }
  }

  @Test
  void a_start_within_a_day_of_the_last_run_is_trusted() {
    long storedMs = machine.millis();
    machine.advance(Duration.ofHours(23));
    GuardedClock restarted = machine.guarded();

    restarted.resume(storedMs);

    assertThat(restarted.isTrusted()).isTrue();
    assertThat(restarted.millis()).isEqualTo(machine.millis());
  }

  @Test
  void a_start_more_than_a_day_beyond_the_last_run_begins_in_distrust() {
    long storedMs = machine.millis();
    machine.advance(Duration.ofHours(25));
    GuardedClock restarted = machine.guarded();

    restarted.resume(storedMs);
    machine.advance(MINUTE);

    assertThat(restarted.isTrusted()).isFalse();
    assertThat(restarted.millis()).isEqualTo(storedMs + MINUTE.toMillis());
    machine.jump(Duration.ofHours(-20)); // set right: five hours after the last run
    assertThat(restarted.isTrusted()).isTrue();
  }

  @Test
  void a_start_before_the_last_run_begins_in_distrust_until_it_was_steady() {
    long storedMs = machine.millis();
    machine.jump(Duration.ofDays(-3));
    GuardedClock restarted = machine.guarded();

    restarted.resume(storedMs);

    assertThat(restarted.isTrusted()).isFalse();
    assertThat(restarted.millis()).isEqualTo(storedMs);
    machine.advance(Duration.ofHours(1));
    assertThat(restarted.isTrusted()).isTrue();
    assertThat(restarted.millis()).isEqualTo(machine.millis());
  }

  @Test
  void monotonic_time_does_not_care() {
    long beforeMs = clock.monotonicMillis();

    machine.jump(Duration.ofDays(-9_000));
    machine.advance(MINUTE);

    assertThat(clock.monotonicMillis() - beforeMs).isEqualTo(MINUTE.toMillis());
  }

  @Test
  void a_clock_before_the_build_is_refused_in_a_sentence() {
    assertThat(clock.refusal()).isEmpty();

    machine.jump(Duration.between(machine.instant(), Instant.parse("1970-01-01T00:00:12Z")));

    assertThat(clock.refusal())
        .hasValueSatisfying(sentence -> assertThat(sentence)
            .startsWith("The clock of this machine says 1970-01-01T00:00:12Z, but")
            .endsWith("Set the clock, and start again."));
  }

  @Test
  void the_gauge_shows_distrust() {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    clock.bindTo(meters);
    assertThat(meters.get("gochat.clock.distrusted").gauge().value()).isZero();

    machine.jump(Duration.ofHours(1));

    assertThat(meters.get("gochat.clock.distrusted").gauge().value()).isEqualTo(1);
  }

  @Test
  void a_file_moves_the_clock_while_it_runs(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("offset");
    assertThat(distanceMs(file)).isBetween(-60_000L, 60_000L);

    Files.writeString(file, " -86400000\n");
    assertThat(distanceMs(file)).isBetween(-86_460_000L, -86_340_000L);

    Files.writeString(file, "half writ");
    assertThat(distanceMs(file)).isBetween(-60_000L, 60_000L);
  }

  private static long distanceMs(Path file) {
    return new MovedClock(file).millis() - System.currentTimeMillis();
  }
}
