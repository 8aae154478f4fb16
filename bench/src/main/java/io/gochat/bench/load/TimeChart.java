package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.load.LineChart.Axis;
import io.gochat.bench.load.LineChart.Point;
import io.gochat.bench.load.LineChart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/** A chart over the phase's timeline. Not thread-safe; built once and rendered once. */
final class TimeChart {
  private static final int WIDTH = 520;

  private final String title;
  private final String unit;
  private final Map<String, @Nullable Object> phase;
  private final @Nullable Map<String, @Nullable Object> old;
  private final DoubleFunction<List<Double>> ticks;
  private final DoubleFunction<String> text;
  private final List<Series> lines = new ArrayList<>();

  TimeChart(
      String title,
      String unit,
      Map<String, @Nullable Object> phase,
      @Nullable Map<String, @Nullable Object> old,
      DoubleFunction<List<Double>> ticks,
      DoubleFunction<String> text) {
    this.title = title;
    this.unit = unit;
    this.phase = phase;
    this.old = old;
    this.ticks = ticks;
    this.text = text;
  }

  TimeChart addTime(String name, int colour, String key) {
    lines.add(new Series(name, colour, false, points(phase, key)));
    if (old != null) {
      lines.add(new Series(name + " before", colour, true, points(old, key)));
    }
    return this;
  }

  String render() {
    double max = 0;
    double end = 0;
    double begin = 0;
    for (Series line : lines) {
      for (Point point : line.points()) {
        max = Math.max(max, point.y());
        end = Math.max(end, point.x());
        begin = Math.min(begin, point.x());
      }
    }
    List<Double> seconds = new ArrayList<>();
    List<Double> positive = LineChart.linearTicks(Math.max(1, end));
    double step = positive.get(1);
    for (double at = Math.floor(begin / step) * step; at < 0; at += step) {
      seconds.add(at);
    }
    seconds.addAll(positive);
    LineChart chart = new LineChart(
        title,
        WIDTH,
        new Axis("seconds (below 0: warm-up)", false, seconds, TimeChart::seconds),
        new Axis(unit, title.startsWith("Latency"), ticks.apply(max), text));
    lines.forEach(line -> chart.add(line.name(), line.colour(), line.isBefore(), line.points()));
    return chart.render("");
  }

  private static List<Point> points(Map<String, @Nullable Object> phase, String key) {
    List<Point> points = new ArrayList<>();
    for (Object sample : Json.asList(phase.get("timeline"))) {
      double value = Json.number(Json.asObject(sample), key);
      if (!Double.isNaN(value)) {
        // Sampled four times a second: on that grid, so that both runs are read out together.
        points.add(new Point(
            Math.round(Json.number(Json.asObject(sample), "t_s") * 4) / 4.0, value));
      }
    }
    return points;
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f s" : "%.1f s", value);
  }
}
