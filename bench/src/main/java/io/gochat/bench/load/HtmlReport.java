package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.load.LineChart.Axis;
import io.gochat.bench.load.LineChart.Point;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A result as one self-contained page: nothing is loaded from anywhere, the charts are there without a script, and the
 * whole result is in it as JSON. Stateless.
 */
final class HtmlReport {
  private static final int WIDE = 1040;
  private static final double TAIL = 1e-9;
  private static final double MEGABYTE = 1024 * 1024;

  private HtmlReport() {}

  /** The page; {@code baseline} null: nothing to compare with. */
  static String of(
      Map<String, @Nullable Object> result, @Nullable Map<String, @Nullable Object> baseline)
      throws IOException {
    StringBuilder out = new StringBuilder();
    String title = "GoChat load: " + result.get("scenario");
    out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<title>")
        .append(LineChart.escape(title))
        .append("</title>\n<style>\n")
        .append(resource("report.css"))
        .append("</style></head><body><main>\n");
    head(out, title, result, baseline);
    List<@Nullable Object> phases = Json.asList(result.get("phases"));
    List<@Nullable Object> old = baseline == null ? List.of() : Json.asList(baseline.get("phases"));
    for (int i = 0; i < phases.size(); i++) {
      phase(out, Json.asObject(phases.get(i)), i < old.size() ? Json.asObject(old.get(i)) : null);
    }
    if (result.containsKey("slow")) {
      SlowReport.page(out, Json.asObject(result.get("slow")));
    }
    String json = Json.text(result);
    out.append("<details><summary>The whole result as JSON</summary><pre tabindex=\"0\">")
        .append(LineChart.escape(json))
        .append("</pre></details>\n")
        // "</" would end the element whatever it stands in.
        .append("<script type=\"application/json\" id=\"result\">")
        .append(json.replace("</", "<\\/"))
        .append("</script>\n<script>\n")
        .append(resource("report.js"))
        .append("</script></main></body></html>\n");
    return out.toString();
  }

  private static void head(
      StringBuilder out,
      String title,
      Map<String, @Nullable Object> result,
      @Nullable Map<String, @Nullable Object> baseline) {
    Map<String, @Nullable Object> machine = Json.asObject(result.get("machine"));
    out.append("<h1>").append(LineChart.escape(title)).append("</h1>\n");
    paragraph(out, "", Summary.headline(result));
    String where = String.format(
        Locale.ROOT,
        "%s · %.0f CPUs · %s · Java %s",
        result.get("finished_at"),
        Json.number(machine, "cpus"),
        machine.get("os"),
        machine.get("java"));
    paragraph(out, "quiet", where);
    paragraph(out, "quiet", result.get("version") + " · " + result.get("command_line"));
    if (result.get("server_command_line") instanceof String server) {
      paragraph(out, "quiet", "Server: " + server);
    }
    if (result.get("ended_early") instanceof String why) {
      paragraph(out, "notice", "Ended early: " + why + ". This is what was measured until then.");
    }
    thresholds(out, result);
    if (baseline != null) {
      paragraph(
          out,
          "quiet",
          "Compared with the run of " + baseline.get("finished_at") + ": dashed lines.");
    }
    if (Boolean.TRUE.equals(result.get("clean"))) {
      paragraph(out, "good", "✓ Clean: every receiver got every message once, in order, intact.");
    } else {
      paragraph(out, "bad", "✗ Violations: " + violations(result));
    }
    Json.asObject(result.get("notes"))
        .forEach((note, times) -> paragraph(out, "notice", note + " (" + times + " ×)"));
  }

  private static void thresholds(StringBuilder out, Map<String, @Nullable Object> result) {
    for (Object each : Json.asList(result.get("thresholds"))) {
      Map<String, @Nullable Object> verdict = Json.asObject(each);
      boolean isMet = Boolean.TRUE.equals(verdict.get("met"));
      paragraph(
          out,
          isMet ? "good" : "bad",
          (isMet ? "✓ " : "✗ ") + verdict.get("threshold") + " (" + verdict.get("phase") + ")");
    }
  }

  private static String violations(Map<String, @Nullable Object> result) {
    List<String> found = new ArrayList<>();
    Json.asObject(result.get("violations")).forEach((kind, count) -> {
      if (count instanceof Number number && number.longValue() > 0) {
        found.add(count + " " + kind.replace('_', ' '));
      }
    });
    return String.join(", ", found);
  }

  private static void phase(
      StringBuilder out,
      Map<String, @Nullable Object> phase,
      @Nullable Map<String, @Nullable Object> old) {
    out.append("<section><h2>")
        .append(LineChart.escape(String.valueOf(phase.get("name"))))
        .append("</h2>\n");
    notices(out, phase);
    tiles(out, phase);
    out.append("<div class=\"charts\">\n");
    charts(out, phase, old);
    out.append("</div>\n");
    table(out, phase, old);
    out.append("</section>\n");
  }

  private static void notices(StringBuilder out, Map<String, @Nullable Object> phase) {
    for (Object reason : Json.asList(Json.at(phase, "client", "reasons"))) {
      paragraph(out, "notice", "The client was the limit: " + reason + ".");
    }
    for (Object reason : Json.asList(Json.at(phase, "client", "disturbances"))) {
      paragraph(out, "notice", "The machine was disturbed: " + reason + ".");
    }
    if (Boolean.TRUE.equals(phase.get("closed_loop"))) {
      paragraph(
          out,
          "quiet",
          "Closed loop: latencies say how full the window was, not how fast the server is.");
    }
    String leftovers = Summary.leftovers(phase);
    if (!leftovers.isEmpty()) {
      paragraph(out, "notice", leftovers);
    }
  }

  private static void charts(
      StringBuilder out,
      Map<String, @Nullable Object> phase,
      @Nullable Map<String, @Nullable Object> old) {
    out.append(latencyChart(phase, old).render("wide"));
    out.append(
        new TimeChart("Throughput", "per second", phase, old, LineChart::linearTicks, v -> count(v))
            .addTime("deliveries/s", 1, "deliveries_per_s")
            .addTime("publishes/s", 2, "published_per_s")
            .render());
    out.append(new TimeChart(
            "CPU",
            "cores",
            phase,
            old,
            LineChart::linearTicks,
            v -> String.format(Locale.ROOT, "%.2f", v))
        .addTime("server", 1, "server_cores")
        .addTime("client", 2, "client_cores")
        .addTime("machine", 3, "machine_cores")
        .render());
    out.append(new TimeChart(
            "Latency over time",
            "latency",
            phase,
            old,
            max -> LineChart.logTicks(10, max),
            Metric::duration)
        .addTime("p99", 1, "p99_us")
        .addTime("p50", 2, "p50_us")
        .render());
    out.append(new TimeChart(
            "Server memory", "bytes", phase, old, HtmlReport::megabyteTicks, Metric::bytes)
        .addTime("RSS", 1, "server_rss_bytes")
        .render());
  }

  private static void tiles(StringBuilder out, Map<String, @Nullable Object> phase) {
    out.append("<div class=\"tiles\">");
    for (String label : List.of(
        "delivery p50",
        "delivery p99",
        "deliveries",
        "publishes accepted",
        "answer p99",
        "server CPU per delivery",
        "Welcome p99",
        "connections",
        "heap per connection")) {
      for (Metric metric : Metric.ALL) {
        if (metric.label().equals(label) && !Double.isNaN(metric.of(phase))) {
          out.append("<div class=\"tile\"><div class=\"quiet\">")
              .append(LineChart.escape(label))
              .append("</div><div class=\"figure\">")
              .append(LineChart.escape(metric.text(metric.of(phase))))
              .append("</div></div>");
        }
      }
    }
    out.append("</div>\n");
  }

  /** Percentiles so that each further nine is equally far: the tail is what one wants to see. */
  private static LineChart latencyChart(
      Map<String, @Nullable Object> phase, @Nullable Map<String, @Nullable Object> old) {
    List<LineChart.Series> lines = latencyLines(phase, old);
    double nines = 1;
    double min = Double.MAX_VALUE;
    double max = 0;
    for (LineChart.Series line : lines) {
      for (Point point : line.points()) {
        nines = Math.max(nines, point.x());
        min = Math.min(min, point.y());
        max = Math.max(max, point.y());
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (int n = 0; n < nines + 1 - TAIL; n++) {
      ticks.add((double) n);
    }
    LineChart chart = new LineChart(
        "Latency by percentile",
        WIDE,
        new Axis("percentile (logarithmic)", false, ticks, HtmlReport::percentile),
        new Axis("latency", true, LineChart.logTicks(min, max), Metric::duration));
    lines.forEach(line -> chart.add(line.name(), line.colour(), line.isBefore(), line.points()));
    return chart;
  }

  private static List<LineChart.Series> latencyLines(
      Map<String, @Nullable Object> phase, @Nullable Map<String, @Nullable Object> old) {
    List<LineChart.Series> lines = new ArrayList<>();
    String[][] kinds = {
      {"delivery_us", "delivery"},
      {"answer_us", "answer to the publisher"},
      {"ready_us", "Welcome"},
      {"connect_us", "TCP connect"}
    };
    for (int i = 0; i < kinds.length; i++) {
      int colour = 1 + i % 3;
      lines.add(new LineChart.Series(kinds[i][1], colour, false, curve(phase, kinds[i][0])));
      if (old != null) {
        lines.add(
            new LineChart.Series(kinds[i][1] + " before", colour, true, curve(old, kinds[i][0])));
      }
    }
    return lines;
  }

  private static List<Point> curve(Map<String, @Nullable Object> phase, String kind) {
    List<Point> points = new ArrayList<>();
    for (Object pair : Json.asList(Json.at(phase, kind, "curve"))) {
      List<@Nullable Object> values = Json.asList(pair);
      if (values.get(0) instanceof Number percentile && values.get(1) instanceof Number micros) {
        double nines = -Math.log10(Math.max(TAIL, 1 - percentile.doubleValue() / 100));
        points.add(new Point(Math.round(nines * 20) / 20.0, Math.max(0.1, micros.doubleValue())));
      }
    }
    return points;
  }

  private static String percentile(double nines) {
    double percent = 100 * (1 - Math.pow(10, -nines));
    int digits = (int) Math.max(0, Math.ceil(nines) - 2 + (nines == Math.rint(nines) ? 0 : 2));
    return String.format(Locale.ROOT, "%." + digits + "f %%", percent);
  }

  private static List<Double> megabyteTicks(double max) {
    return LineChart.linearTicks(max / MEGABYTE).stream()
        .map(tick -> tick * MEGABYTE)
        .toList();
  }

  private static String count(double value) {
    if (value < 10_000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    return value < 1e6
        ? String.format(Locale.ROOT, "%,.0fk", value / 1e3)
        : String.format(Locale.ROOT, "%.2fM", value / 1e6);
  }

  private static void table(
      StringBuilder out,
      Map<String, @Nullable Object> phase,
      @Nullable Map<String, @Nullable Object> old) {
    out.append("<div class=\"scroll\"><table><caption>Summary of ")
        .append(LineChart.escape(String.valueOf(phase.get("name"))))
        .append("</caption><thead><tr><th scope=\"col\">figure</th><th scope=\"col\">now</th>");
    if (old != null) {
      out.append(
          "<th scope=\"col\">before</th><th scope=\"col\">change</th><th scope=\"col\">verdict</th>");
    }
    out.append("</tr></thead><tbody>\n");
    for (Metric metric : Metric.ALL) {
      double value = metric.of(phase);
      if (Double.isNaN(value)) {
        continue;
      }
      out.append("<tr><th scope=\"row\">")
          .append(LineChart.escape(metric.label()))
          .append("</th><td>")
          .append(LineChart.escape(metric.text(value)))
          .append("</td>");
      if (old != null) {
        difference(out, metric, metric.of(old), value);
      }
      out.append("</tr>\n");
    }
    out.append("</tbody></table></div>\n");
  }

  private static void difference(StringBuilder out, Metric metric, double before, double now) {
    if (Double.isNaN(before)) {
      out.append("<td>–</td><td>–</td><td>–</td>");
      return;
    }
    Difference difference = Difference.of(metric, before, now);
    String style = switch (difference.verdict()) {
      case BETTER -> "good";
      case WORSE -> "bad";
      case SAME -> "quiet";
    };
    out.append(String.format(
        Locale.ROOT,
        "<td>%s</td><td>%+.1f %%</td><td class=\"%s\">%s</td>",
        LineChart.escape(metric.text(before)),
        difference.change() * 100,
        style,
        difference.verdict().name().toLowerCase(Locale.ROOT)));
  }

  private static void paragraph(StringBuilder out, String style, String text) {
    out.append("<p class=\"")
        .append(style)
        .append("\">")
        .append(LineChart.escape(text))
        .append("</p>\n");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException("the jar lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
