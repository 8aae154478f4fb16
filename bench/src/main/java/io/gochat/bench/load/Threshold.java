package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A bound that a figure of every phase must keep. Immutable.
 *
 * @param text as it was written
 * @param figure its name, {@code delivery_p99}
 * @param isBelow the figure must be smaller; larger otherwise
 * @param bound in the unit of the result: microseconds, bytes, per second
 */
record Threshold(String text, String figure, boolean isBelow, double bound) {
  private static final Pattern FORM =
      Pattern.compile("\\s*([a-z0-9_]+)\\s*([<>])\\s*([0-9]*\\.?[0-9]+)\\s*([a-zA-Z]*)\\s*");

  /** Units with what makes them the result's. */
  private static final Map<String, Double> UNITS =
      Map.of("us", 1.0, "ms", 1e3, "s", 1e6, "KB", 1024.0, "MB", 1048576.0, "GB", 1073741824.0);

  /** Reads {@code delivery_p99<50ms}. */
  static Threshold parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "--threshold wants FIGURE<BOUND or FIGURE>BOUND, like delivery_p99<50ms, not " + text);
    }
    String figure = parts.group(1);
    Metric metric = known().get(figure);
    if (metric == null) {
      throw new IllegalArgumentException("--threshold knows no figure " + figure + "; it knows "
          + String.join(", ", known().keySet()));
    }
    double bound = Double.parseDouble(parts.group(3));
    return new Threshold(
        text.strip(), figure, parts.group(2).equals("<"), bound * factor(metric, parts.group(4)));
  }

  private static double factor(Metric metric, String unit) {
    boolean isTime = metric.unit() == Metric.Unit.MICROS;
    boolean isSize = metric.unit() == Metric.Unit.BYTES;
    if (unit.isEmpty() && !isTime) {
      return 1;
    }
    Double factor = UNITS.get(unit);
    if (factor == null || !(unit.endsWith("B") ? isSize : isTime)) {
      throw new IllegalArgumentException("--threshold: " + metric.label() + " wants "
          + (isTime ? "us, ms or s" : isSize ? "KB, MB, GB or bytes" : "no unit") + ", not '" + unit
          + "'");
    }
    return factor;
  }

  /** Every figure by its name here. */
  private static Map<String, Metric> known() {
    Map<String, Metric> known = new LinkedHashMap<>();
    for (Metric metric : Metric.ALL) {
      String name = metric.path().stream()
          .map(part -> part.replaceAll("_us$", ""))
          .collect(Collectors.joining("_"));
      known.put(name, metric);
    }
    return known;
  }

  /** How it went in each phase that has the figure; one that no phase has is missed. */
  static List<@Nullable Object> judge(List<Threshold> thresholds, List<@Nullable Object> phases) {
    List<@Nullable Object> judged = new ArrayList<>();
    for (Threshold threshold : thresholds) {
      boolean isMeasured = false;
      for (Object phase : phases) {
        Metric metric = known().get(threshold.figure);
        double value = metric == null ? Double.NaN : metric.of(Json.asObject(phase));
        if (!Double.isNaN(value)) {
          isMeasured = true;
          judged.add(threshold.verdict(String.valueOf(Json.asObject(phase).get("name")), value));
        }
      }
      if (!isMeasured) {
        judged.add(threshold.verdict("no phase", Double.NaN));
      }
    }
    return judged;
  }

  private Map<String, @Nullable Object> verdict(String phase, double value) {
    Map<String, @Nullable Object> json = Json.object();
    json.put("threshold", text);
    json.put("phase", phase);
    json.put("value", value);
    json.put("met", isBelow ? value < bound : value > bound);
    return json;
  }

  /** Whether all were kept. */
  static boolean areMet(Map<String, @Nullable Object> result) {
    return Json.asList(result.get("thresholds")).stream()
        .allMatch(each -> Boolean.TRUE.equals(Json.asObject(each).get("met")));
  }

  /** The verdicts in words, for the end of a summary. */
  static String words(Map<String, @Nullable Object> result) {
    StringBuilder out = new StringBuilder();
    for (Object each : Json.asList(result.get("thresholds"))) {
      Map<String, @Nullable Object> verdict = Json.asObject(each);
      String text = String.valueOf(verdict.get("threshold"));
      Metric metric = known().get(parse(text).figure);
      double value = Json.number(verdict, "value");
      out.append(String.format(
          Locale.ROOT,
          "  threshold %s: %s (%s: %s)%n",
          text,
          Boolean.TRUE.equals(verdict.get("met")) ? "met" : "MISSED",
          verdict.get("phase"),
          metric == null || Double.isNaN(value) ? "not measured" : metric.text(value)));
    }
    return out.toString();
  }
}
