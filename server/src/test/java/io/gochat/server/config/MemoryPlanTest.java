package io.gochat.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryPlanTest {
  private static final long MB = 1 << 20;

  @ParameterizedTest
  @CsvSource({"64", "96", "128", "256", "512", "1024", "6144", "65536"})
  void everything_that_may_wait_fits_the_heap_and_the_memory_beside_it(long heapMb) {
    Memory memory = memory(heapMb);

    MemoryPlan plan = plan(memory);

    assertThat(heapNeeded(plan, 2)).isLessThanOrEqualTo(memory.heapBytes() / 2);
    assertThat(directNeeded(plan, 2)).isLessThanOrEqualTo(memory.directBytes() / 4 * 3);
    assertThat(plan.outBytes()).isGreaterThan(plan.largestAnswerBytes());
    assertThat(plan.inBytes()).isGreaterThan(plan.largestRequestBytes());
    assertThat(plan.connections()).isGreaterThanOrEqualTo(2_000);
  }

  @Test
  void where_there_is_plenty_nothing_shrinks() {
    MemoryPlan plan = plan(memory(6_144));

    assertThat(plan.outBytes()).isEqualTo(64 * MB);
    assertThat(plan.replayBytes()).isEqualTo(32 * MB);
    assertThat(plan.inBytes()).isEqualTo(64 * MB);
    assertThat(plan.fanOutBytesPerLoop()).isEqualTo(64 * MB);
    assertThat(plan.handOverBytesPerLoop()).isEqualTo(8 * MB);
    assertThat(plan.writeQueueBytes()).isEqualTo(64 * MB);
    assertThat(plan.storeBytes()).isEqualTo(192 * MB);
    assertThat(plan.connections()).isEqualTo(100_000);
    assertThat(plan.cached()).isEqualTo(196_608);
  }

  @Test
  void many_event_loops_share_what_there_is() {
    MemoryPlan plan = planFor(64, memory(512));

    assertThat(directNeeded(plan, 64)).isLessThanOrEqualTo(512 * MB / 4 * 3);
    assertThat(plan.fanOutBytesPerLoop()).isGreaterThanOrEqualTo(MB);
  }

  @Test
  void what_was_set_stays_and_the_rest_shrinks_around_it() {
    MemoryPlan plan = plan(memory(256), "--out-budget=48MB");

    assertThat(plan.outBytes()).isEqualTo(48 * MB);
    assertThat(heapNeeded(plan, 2)).isLessThanOrEqualTo(128 * MB);
  }

  @Test
  void the_limit_of_a_control_group_bounds_the_store_too() {
    Memory container = new Memory(128 * MB, 128 * MB, OptionalLong.of(384 * MB));

    MemoryPlan plan = plan(container);

    long beside = directNeeded(plan, 2) + plan.storeBytes();
    assertThat(plan.storeBytes()).isBetween(16 * MB, 191 * MB);
    assertThat(beside).isLessThanOrEqualTo((384 - 128 - 64) * MB);
  }

  @Test
  void what_was_set_and_does_not_fit_is_refused_with_flags_and_figures() {
    assertThatThrownBy(() -> plan(memory(256), "--out-budget=96MB", "--in-budget=16MB"))
        .isInstanceOf(ConfigException.class)
        .hasMessageMatching(
            "--out-budget=96MB, --in-budget=16MB do not fit: with the rest that is"
                + " \\d+MB of what waits, and the heap of 256MB has room for \\d+MB\\. Lower them, or raise -Xmx\\.");
    assertThatThrownBy(() -> plan(memory(256), "--fanout-memory=200MB"))
        .hasMessageContaining("--fanout-memory=200MB does not fit")
        .hasMessageContaining("the direct memory of 256MB");
  }

  @Test
  void more_connections_than_have_room_are_bounded_and_told_of() {
    MemoryPlan plan = plan(memory(256), "--max-connections=50000");

    assertThat(plan.connections()).isEqualTo(8_192);
    assertThat(plan.warning(50_000))
        .hasValueSatisfying(
            warning -> assertThat(warning).contains("--max-connections=50000", "8192"));
    assertThat(plan.warning(8_192)).isEmpty();
  }

  @Test
  void connections_that_speak_tls_take_more_and_are_fewer() {
    MemoryPlan plan =
        plan(memory(256), "--tls-cert=cert.pem", "--tls-key=key.pem", "--tls-provider=jdk");

    assertThat(plan.connections()).isEqualTo(1_024);
  }

  @Test
  void more_heap_than_the_process_may_have_is_refused() {
    Memory tight = new Memory(500 * MB, 500 * MB, OptionalLong.of(512 * MB));

    assertThatThrownBy(() -> plan(tight))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("the 512MB of this process beside its heap of 500MB")
        .hasMessageEndingWith("at least 626MB; or lower -Xmx.");
    assertThatThrownBy(() -> plan(new Memory(57 * MB, 57 * MB, OptionalLong.of(128 * MB))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("the 128MB of this process")
        .hasMessageEndingWith("at least 179MB, better 256MB.");
    assertThatThrownBy(() -> plan(tight, "--store-memory=64MB"))
        .hasMessageContaining("--store-memory=64MB does not fit")
        .hasMessageEndingWith("Lower it, or lower -Xmx.");
  }

  @Test
  void too_little_heap_is_refused() {
    assertThatThrownBy(() -> plan(memory(24)))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("There is too little heap")
        .hasMessageEndingWith("Raise -Xmx.");
  }

  private static long heapNeeded(MemoryPlan plan, int loops) {
    return plan.outBytes()
        + plan.replayBytes()
        + 2 * plan.inBytes()
        + loops * plan.handOverBytesPerLoop()
        + 2 * plan.writeQueueBytes()
        + plan.connections() * 3_072L;
  }

  private static long directNeeded(MemoryPlan plan, int loops) {
    return plan.outBytes()
        + plan.replayBytes()
        + plan.inBytes()
        + loops * plan.fanOutBytesPerLoop()
        + plan.connections() * 4_096L;
  }

  private static Memory memory(long heapMb) {
    return new Memory(heapMb * MB, heapMb * MB, OptionalLong.empty());
  }

  private static MemoryPlan plan(Memory memory, String... flags) {
    return planFor(2, memory, flags);
  }

  private static MemoryPlan planFor(int loops, Memory memory, String... flags) {
    String[] all =
        Stream.concat(Stream.of("--event-loops=" + loops), Stream.of(flags)).toArray(String[]::new);
    return MemoryPlan.of(ServerFlags.parse(all), memory);
  }
}
