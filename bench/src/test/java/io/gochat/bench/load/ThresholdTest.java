package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.bench.common.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThresholdTest {
  @ParameterizedTest
  @CsvSource({
    "delivery_p99<50ms,           delivery_p99,           true,  50000",
    "delivery_p99<0.5s,           delivery_p99,           true,  500000",
    "answer_p50 < 900us,          answer_p50,             true,  900",
    "accepted_per_s>1000,         accepted_per_s,         false, 1000",
    "server_cores<1.5,            server_cores,           true,  1.5",
    "server_us_per_delivery<10us, server_us_per_delivery, true,  10",
    "server_rss_bytes<256MB,      server_rss_bytes,       true,  268435456",
    "ready_p99<1s,                ready_p99,              true,  1000000",
  })
  void bound_is_read_in_the_unit_of_the_result(
      String text, String figure, boolean isBelow, double bound) {
    assertThat(Threshold.parse(text)).isEqualTo(new Threshold(text, figure, isBelow, bound));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "delivery_p99",
        "delivery_p99<",
        "delivery_p99<50",
        "delivery_p99<50MB",
        "accepted_per_s>5ms",
        "nosuch<5ms",
        "delivery_p99=5ms"
      })
  void anything_else_is_refused_with_a_sentence(String text) {
    assertThatThrownBy(() -> Threshold.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("--threshold");
  }

  @Test
  void every_phase_must_keep_it_and_what_no_phase_has_is_missed() {
    List<@Nullable Object> phases =
        new ArrayList<>(List.of(phase("calm", 900), phase("storm", 1_100)));

    Map<String, @Nullable Object> result = Json.object();
    result.put(
        "thresholds",
        Threshold.judge(
            List.of(Threshold.parse("delivery_p99<1ms"), Threshold.parse("ready_p99<1s")), phases));

    assertThat(Json.asList(result.get("thresholds")).stream()
            .map(each -> Json.asObject(each).get("met")))
        .containsExactly(true, false, false);
    assertThat(Threshold.areMet(result)).isFalse();
    assertThat(Threshold.words(result))
        .contains("delivery_p99<1ms: met (calm", "delivery_p99<1ms: MISSED (storm", "not measured");
  }

  private static Map<String, @Nullable Object> phase(String name, double p99) {
    Map<String, @Nullable Object> latency = Json.object();
    latency.put("p99", p99);
    Map<String, @Nullable Object> phase = Json.object();
    phase.put("name", name);
    phase.put("delivery_us", latency);
    return phase;
  }
}
