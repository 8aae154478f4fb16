package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.load.LineChart.Axis;
import io.gochat.bench.load.LineChart.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the slow scenario found, for people. Stateless. */
final class SlowReport {
  private static final int WIDE = 1040;

  private SlowReport() {}

  /** For a terminal. */
  static void words(StringBuilder out, Map<String, @Nullable Object> slow) {
    out.append("  pairs: p99 of the others without and beside the slow members\n");
    int number = 1;
    for (Object each : Json.asList(slow.get("pairs"))) {
      Map<String, @Nullable Object> pair = Json.asObject(each);
      out.append(String.format(
          Locale.ROOT,
          "    %2d %12s %12s   × %.3f\n",
          number++,
          Metric.duration(Json.number(pair, "without_p99_us")),
          Metric.duration(Json.number(pair, "beside_p99_us")),
          Json.number(pair, "ratio")));
    }
    for (String line : lines(slow)) {
      out.append("  ").append(line).append('\n');
    }
  }

  /** For a page. */
  static void page(StringBuilder out, Map<String, @Nullable Object> slow) {
    out.append("<section><h2>What slow members cost the others</h2>\n");
    for (String line : lines(slow)) {
      out.append("<p>").append(LineChart.escape(line)).append("</p>\n");
    }
    List<Point> without = new ArrayList<>();
    List<Point> beside = new ArrayList<>();
    List<Double> numbers = new ArrayList<>();
    double min = Double.MAX_VALUE;
    double max = 0;
    for (Object each : Json.asList(slow.get("pairs"))) {
      Map<String, @Nullable Object> pair = Json.asObject(each);
      double number = numbers.size() + 1.0;
      double calm = Json.number(pair, "without_p99_us");
      double slowed = Json.number(pair, "beside_p99_us");
      numbers.add(number);
      without.add(new Point(number, calm));
      beside.add(new Point(number, slowed));
      min = Math.min(min, Math.min(calm, slowed));
      max = Math.max(max, Math.max(calm, slowed));
    }
    if (numbers.size() > 1) {
      LineChart chart = new LineChart(
          "p99 of the others, pair by pair",
          WIDE,
          new Axis("pair", false, numbers, n -> String.format(Locale.ROOT, "%.0f", n)),
          new Axis("p99", true, LineChart.logTicks(min, max), Metric::duration));
      chart.add("without slow members", 1, false, without);
      chart.add("beside slow members", 2, false, beside);
      out.append("<div class=\"charts\">").append(chart.render("wide")).append("</div>\n");
    }
    out.append("</section>\n");
  }

  private static List<String> lines(Map<String, @Nullable Object> slow) {
    List<String> lines = new ArrayList<>();
    lines.add(String.format(
        Locale.ROOT,
        "p99 of the others beside slow members / without: median %.3f, 95 %% interval %.3f to %.3f (goal: at most %.1f, %s)",
        Json.number(slow, "ratio"),
        Json.number(slow, "ratio_low"),
        Json.number(slow, "ratio_high"),
        Json.number(slow, "goal"),
        Boolean.TRUE.equals(slow.get("goal_met")) ? "met" : "MISSED"));
    StringBuilder behind = new StringBuilder("most behind at the end of a phase:");
    Json.asObject(slow.get("most_behind"))
        .forEach((kind, messages) ->
            behind.append(' ').append(kind).append(' ').append(messages).append(" messages;"));
    String caughtUp = Metric.duration(1e3 * Json.number(slow, "longest_catch_up_ms"));
    lines.add(
        Boolean.TRUE.equals(slow.get("caught_up"))
            ? behind + " once they read, all had everything within " + caughtUp
            : behind + " and NOT ALL of them got everything once they read: the run ended early");
    lines.add(String.format(
        Locale.ROOT,
        "server's memory at most: %s direct (as it says), %s resident",
        bytes(Json.number(slow, "direct_bytes_peak")),
        bytes(Json.number(slow, "rss_bytes_peak"))));
    return lines;
  }

  private static String bytes(double value) {
    return Double.isNaN(value) || value == 0 ? "unknown" : Metric.bytes(value);
  }
}
