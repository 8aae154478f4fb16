package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A line chart as inline SVG: drawn here, so that it is there without a script; the script only reads it out. Not
 * thread-safe; built once and rendered once.
 */
final class LineChart {
  /** On a desk, in half of it or on a tablet, and on a phone; the style sheet shows one of them. */
  private static final int[] WIDTHS = {1_040, 520, 340};

  private static final int HEIGHT = 280;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 12;
  private static final int BOTTOM = 40;
  private static final int LABEL = 56;

  private final String title;
  private final Axis x;
  private final Axis y;
  private final int width;
  private final List<Series> series = new ArrayList<>();

  LineChart(String title, int width, Axis x, Axis y) {
    this.title = title;
    this.width = width;
    this.x = x;
    this.y = y;
  }

  /**
   * A line.
   *
   * @param colour 1 to 3
   * @param isBefore of the baseline: dashed
   * @param points x and y
   */
  record Series(String name, int colour, boolean isBefore, List<Point> points) {}

  /** One measurement. */
  record Point(double x, double y) {}

  /**
   * How values become places.
   *
   * @param label what it shows, with its unit
   * @param isLogarithmic tenfold steps are equally far
   * @param ticks where lines are drawn; the first and the last are the ends
   * @param text a value in words
   */
  record Axis(
      String label, boolean isLogarithmic, List<Double> ticks, DoubleFunction<String> text) {
    double share(double value) {
      double from = scale(ticks.get(0));
      double to = scale(ticks.get(ticks.size() - 1));
      return Math.max(0, Math.min(1, (scale(value) - from) / (to - from)));
    }

    private double scale(double value) {
      return isLogarithmic ? Math.log10(Math.max(value, 1e-9)) : value;
    }
  }

  /** Adds a line; one without points is left out. */
  LineChart add(String name, int colour, boolean isBefore, List<Point> points) {
    if (!points.isEmpty()) {
      series.add(new Series(name, colour, isBefore, points));
    }
    return this;
  }

  /** The figure; empty when there is nothing to draw. */
  String render(String cssClass) {
    if (series.isEmpty()) {
      return "";
    }
    StringBuilder out = new StringBuilder();
    out.append("<figure class=\"")
        .append(cssClass)
        .append("\"><h3>")
        .append(escape(title))
        .append("</h3>\n");
    for (int drawn : WIDTHS) {
      if (drawn <= width) {
        draw(out, drawn);
      }
    }
    legend(out);
    out.append(
        "<output aria-live=\"polite\" class=\"quiet\">Point at the chart, or focus it and use the arrow keys.</output></figure>\n");
    return out.toString();
  }

  private void draw(StringBuilder out, int width) {
    out.append(String.format(
        Locale.ROOT,
        "<svg class=\"w%d\" viewBox=\"0 0 %d %d\" role=\"img\" tabindex=\"0\" aria-label=\"%s\" data-points=\"%s\">\n",
        width,
        width,
        HEIGHT,
        escape(description()),
        escape(Json.line(readOut(width)))));
    grid(out, width);
    for (Series line : series) {
      out.append(String.format(
          Locale.ROOT,
          "<polyline class=\"series s%d%s\" points=\"%s\"/>\n",
          line.colour(),
          line.isBefore() ? " before" : "",
          path(line, width)));
    }
    out.append(String.format(
        Locale.ROOT,
        "<line class=\"cross\" x1=\"0\" x2=\"0\" y1=\"%d\" y2=\"%d\"/></svg>\n",
        TOP,
        HEIGHT - BOTTOM));
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** Ends and lines of a linear axis from zero to at least {@code max}. */
  static List<Double> linearTicks(double max) {
    double step = Math.pow(10, Math.floor(Math.log10(Math.max(max, 1e-6) / 4)));
    for (double factor : new double[] {1, 2, 2.5, 5, 10}) {
      if (step * factor * 5 >= max) {
        step *= factor;
        break;
      }
    }
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; ticks.isEmpty() || ticks.get(ticks.size() - 1) < max; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  /** Ends and lines of a logarithmic axis around {@code min} and {@code max}. */
  static List<Double> logTicks(double min, double max) {
    int first = (int) Math.floor(Math.log10(Math.max(min, 1e-3)));
    int last = Math.max(first + 1, (int) Math.ceil(Math.log10(Math.max(max, 1e-3))));
    List<Double> ticks = new ArrayList<>();
    for (int power = first; power <= last; power++) {
      ticks.add(Math.pow(10, power));
    }
    return ticks;
  }

  private void grid(StringBuilder out, int width) {
    rows(out, width);
    columns(out, width);
    out.append(String.format(
        Locale.ROOT,
        "<line class=\"axis\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
        LEFT,
        width - RIGHT,
        HEIGHT - BOTTOM,
        HEIGHT - BOTTOM,
        width - RIGHT,
        HEIGHT - 6,
        escape(x.label())));
  }

  private void rows(StringBuilder out, int width) {
    for (double tick : y.ticks()) {
      int at = (int) Math.round(py(tick));
      out.append(String.format(
          Locale.ROOT,
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n",
          LEFT,
          width - RIGHT,
          at,
          at,
          LEFT - 8,
          at + 4,
          escape(y.text().apply(tick))));
    }
  }

  private void columns(StringBuilder out, int width) {
    int every = (x.ticks().size() * LABEL - 1) / (width - LEFT - RIGHT) + 1;
    for (int i = 0; i < x.ticks().size(); i++) {
      double tick = x.ticks().get(i);
      int at = (int) Math.round(px(tick, width));
      out.append(String.format(
          Locale.ROOT,
          "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/><text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n",
          at,
          at,
          TOP,
          HEIGHT - BOTTOM,
          at,
          HEIGHT - BOTTOM + 16,
          at > width - RIGHT - 20 ? "end" : "middle",
          i % every == 0 ? escape(x.text().apply(tick)) : ""));
    }
  }

  private String path(Series line, int width) {
    StringBuilder path = new StringBuilder();
    for (Point point : line.points()) {
      path.append(String.format(Locale.ROOT, "%.1f,%.1f ", px(point.x(), width), py(point.y())));
    }
    return path.toString().strip();
  }

  private void legend(StringBuilder out) {
    out.append("<ul class=\"legend\" aria-label=\"").append(escape(y.label())).append("\">");
    for (Series line : series) {
      out.append(String.format(
          Locale.ROOT,
          "<li><svg viewBox=\"0 0 28 10\" aria-hidden=\"true\"><line class=\"series s%d%s\" x1=\"0\" x2=\"28\" y1=\"5\" y2=\"5\"/></svg>%s</li>",
          line.colour(),
          line.isBefore() ? " before" : "",
          escape(line.name())));
    }
    out.append("</ul>\n");
  }

  private List<@Nullable Object> readOut(int width) {
    TreeMap<Double, StringBuilder> texts = new TreeMap<>();
    for (Series line : series) {
      for (Point point : line.points()) {
        texts
            .computeIfAbsent(point.x(), at -> new StringBuilder(x.text().apply(at)))
            .append(" · ")
            .append(line.name())
            .append(' ')
            .append(y.text().apply(point.y()));
      }
    }
    List<@Nullable Object> points = new ArrayList<>();
    for (Map.Entry<Double, StringBuilder> entry : texts.entrySet()) {
      Map<String, @Nullable Object> point = Json.object();
      point.put("x", px(entry.getKey(), width));
      point.put("text", entry.getValue().toString());
      points.add(point);
    }
    return points;
  }

  private String description() {
    StringBuilder text =
        new StringBuilder(title + ". " + y.label() + " against " + x.label() + ".");
    for (Series line : series) {
      Point last = line.points().get(line.points().size() - 1);
      double max = line.points().stream().mapToDouble(Point::y).max().orElse(0);
      text.append(String.format(
          Locale.ROOT,
          " %s: %s at %s, at most %s.",
          line.name(),
          y.text().apply(last.y()),
          x.text().apply(last.x()),
          y.text().apply(max)));
    }
    return text.toString();
  }

  private double px(double value, int width) {
    return LEFT + x.share(value) * (width - LEFT - RIGHT);
  }

  private double py(double value) {
    return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM);
  }
}
