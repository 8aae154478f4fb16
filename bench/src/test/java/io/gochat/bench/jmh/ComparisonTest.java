package io.gochat.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.common.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
  @Test
  void a_difference_counts_only_when_the_intervals_do_not_touch() {
    assertThat(Comparison.verdict(time(100, 95, 105), time(120, 104, 130))).isEqualTo("same");
    assertThat(Comparison.verdict(time(100, 99, 101), time(104, 103.5, 104.5))).isEqualTo("same");
    assertThat(Comparison.verdict(time(100, 95, 105), time(120, 115, 125))).isEqualTo("WORSE");
    assertThat(Comparison.verdict(time(100, 95, 105), time(80, 75, 85))).isEqualTo("BETTER");
  }

  @Test
  void more_is_better_where_throughput_is_measured() {
    Figure before = new Figure("b", "", 1000, 990, 1010, "ops/s", 0, Map.of());
    Figure now = new Figure("b", "", 2000, 1990, 2010, "ops/s", 0, Map.of());

    assertThat(Comparison.verdict(before, now)).isEqualTo("BETTER");
    assertThat(Comparison.verdict(now, before)).isEqualTo("WORSE");
  }

  @Test
  void the_table_names_what_only_one_side_has() {
    String table = Comparison.table(
        List.of(time(100, 99, 101), new Figure("fresh", "", 1, 1, 1, "ns/op", 0, Map.of())),
        List.of(time(50, 49, 51), new Figure("gone", "", 1, 1, 1, "ns/op", 0, Map.of())));

    assertThat(table)
        .contains("bench(n=1)", "2.00", "WORSE", "not in the baseline: fresh", "not run now: 1");
  }

  @Test
  void a_figure_survives_its_json() throws Exception {
    Figure figure = new Figure("bench", "n=1", 123.5, 120, 130, "ns/op", 16, Map.of());

    assertThat(Figure.fromJson(Json.readObject(Json.text(figure.toJson())))).isEqualTo(figure);
  }

  private static Figure time(double score, double low, double high) {
    return new Figure("bench", "n=1", score, low, high, "ns/op", Double.NaN, Map.of());
  }
}
