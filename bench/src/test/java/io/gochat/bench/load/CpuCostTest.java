package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.common.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CpuCostTest {
  private static final double PART_NS = 200e6;

  private final CpuCost cost = new CpuCost();

  @Test
  void each_part_counts_by_itself() {
    cost.add(PART_NS, 1_000);
    cost.add(PART_NS, 2_000);
    cost.add(PART_NS, 4_000);

    assertThat(cost.spread()).containsEntry("median", 100.0);
    assertThat(cost.spread()).containsEntry("low", 50.0);
    assertThat(cost.spread()).containsEntry("high", 200.0);
  }

  @Test
  void what_is_too_short_for_the_kernels_ticks_is_added_up_first() {
    for (int i = 0; i < 40; i++) {
      cost.add(PART_NS / 10, 100);
    }

    assertThat(cost.spread()).containsEntry("median", 200.0);
    assertThat(cost.spread()).containsEntry("low", 200.0);
  }

  @Test
  void one_part_has_no_interval() {
    cost.add(PART_NS, 1_000);

    assertThat(cost.spread()).isNull();
  }

  @Test
  void the_summary_shows_the_interval_behind_the_figure() throws Exception {
    Map<String, @Nullable Object> phase = Json.readObject("{\"server\":{\"us_per_delivery\":12.0,"
        + "\"us_per_delivery_spread\":{\"median\":12.0,\"low\":11.0,\"high\":13.5}}}");
    Metric metric = Metric.ALL.stream()
        .filter(each -> each.path().contains("us_per_delivery"))
        .findFirst()
        .orElseThrow();

    assertThat(metric.interval(phase)).isEqualTo(" [11.0 µs, 13.5 µs]");
    assertThat(metric.interval(Json.readObject("{\"server\":{\"us_per_delivery\":12.0}}")))
        .isEmpty();
  }
}
