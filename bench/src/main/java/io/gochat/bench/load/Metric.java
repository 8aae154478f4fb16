package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A figure of a phase that people compare. Immutable.
 *
 * @param label for people
 * @param unit how it is written
 * @param isLowerBetter what an improvement is
 * @param path where it is in a phase's tree
 */
record Metric(String label, Unit unit, boolean isLowerBetter, List<String> path) {

  /** How a figure is written. */
  enum Unit {
    MICROS,
    PER_SECOND,
    CORES,
    BYTES,
    COUNT
  }

  /** All of them, in the order in which they are shown. */
  static final List<Metric> ALL = List.of(
      new Metric("delivery p50", Unit.MICROS, true, List.of("delivery_us", "p50")),
      new Metric("delivery p90", Unit.MICROS, true, List.of("delivery_us", "p90")),
      new Metric("delivery p99", Unit.MICROS, true, List.of("delivery_us", "p99")),
      new Metric("delivery p99.9", Unit.MICROS, true, List.of("delivery_us", "p99_9")),
      new Metric("delivery max", Unit.MICROS, true, List.of("delivery_us", "max")),
      new Metric("answer p50", Unit.MICROS, true, List.of("answer_us", "p50")),
      new Metric("answer p99", Unit.MICROS, true, List.of("answer_us", "p99")),
      new Metric("TCP connect p99", Unit.MICROS, true, List.of("connect_us", "p99")),
      new Metric("Welcome p50", Unit.MICROS, true, List.of("ready_us", "p50")),
      new Metric("Welcome p99", Unit.MICROS, true, List.of("ready_us", "p99")),
      new Metric("connections", Unit.PER_SECOND, false, List.of("connected_per_s")),
      new Metric("deliveries", Unit.PER_SECOND, false, List.of("deliveries_per_s")),
      new Metric("publishes accepted", Unit.PER_SECOND, false, List.of("accepted_per_s")),
      new Metric("login p99", Unit.MICROS, true, List.of("storm", "latency_us", "p99")),
      new Metric("logins", Unit.PER_SECOND, false, List.of("storm", "logins_per_s")),
      new Metric("server CPU", Unit.CORES, true, List.of("server", "cores")),
      new Metric(
          "server CPU per delivery", Unit.MICROS, true, List.of("server", "us_per_delivery")),
      new Metric("server CPU per publish", Unit.MICROS, true, List.of("server", "us_per_accepted")),
      new Metric(
          "server CPU per connection", Unit.MICROS, true, List.of("server", "us_per_connection")),
      new Metric("server memory (RSS)", Unit.BYTES, true, List.of("server", "rss_bytes")),
      new Metric("RSS per connection", Unit.BYTES, true, List.of("rss_per_connection_bytes")),
      new Metric("heap per connection", Unit.BYTES, true, List.of("heap_per_connection_bytes")),
      new Metric("idle server CPU", Unit.CORES, true, List.of("idle_cores")));

  /** Its value in a phase; NaN: not measured there. */
  double of(Map<String, @Nullable Object> phase) {
    return Json.number(phase, path.toArray(String[]::new));
  }

  /** Where it varied in, in words; empty: it was measured once. */
  String interval(Map<String, @Nullable Object> phase) {
    String[] spread = path.toArray(String[]::new);
    spread[spread.length - 1] += "_spread";
    Map<String, @Nullable Object> found = Json.asObject(Json.at(phase, spread));
    return found.isEmpty()
        ? ""
        : " [" + text(Json.number(found, "low")) + ", " + text(Json.number(found, "high")) + "]";
  }

  /** A value in words. */
  String text(double value) {
    return switch (unit) {
      case MICROS -> duration(value);
      case PER_SECOND -> String.format(Locale.ROOT, value < 100 ? "%.1f /s" : "%,.0f /s", value);
      case CORES -> String.format(Locale.ROOT, "%.3f cores", value);
      case BYTES -> bytes(value);
      case COUNT -> String.format(Locale.ROOT, "%,.0f", value);
    };
  }

  /** Microseconds with three digits that count. */
  static String duration(double micros) {
    if (Double.isNaN(micros)) {
      return "–";
    }
    if (micros < 1_000) {
      return digits(micros) + " µs";
    }
    return micros < 1e6 ? digits(micros / 1e3) + " ms" : digits(micros / 1e6) + " s";
  }

  /** Bytes with three digits that count. */
  static String bytes(double bytes) {
    if (Math.abs(bytes) < 10_000) {
      return String.format(Locale.ROOT, "%,.0f B", bytes);
    }
    return Math.abs(bytes) < 1e6
        ? digits(bytes / 1024) + " KB"
        : digits(bytes / 1024 / 1024) + " MB";
  }

  private static String digits(double value) {
    String format = Math.abs(value) < 10 ? "%.2f" : Math.abs(value) < 100 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, value);
  }
}
