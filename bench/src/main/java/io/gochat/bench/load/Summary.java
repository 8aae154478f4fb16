package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A result in words, for a terminal. Stateless. */
final class Summary {
  private Summary() {}

  /** The text; {@code baseline} null: nothing to compare with. */
  static String of(
      Map<String, @Nullable Object> result, @Nullable Map<String, @Nullable Object> baseline) {
    StringBuilder out = new StringBuilder();
    out.append(headline(result)).append('\n');
    if (result.get("ended_early") instanceof String why) {
      out.append("  ENDED EARLY: ").append(why).append("; this is what was measured until then\n");
    }
    List<@Nullable Object> phases = Json.asList(result.get("phases"));
    List<@Nullable Object> old = baseline == null ? List.of() : Json.asList(baseline.get("phases"));
    for (int i = 0; i < phases.size(); i++) {
      Map<String, @Nullable Object> phase = Json.asObject(phases.get(i));
      phase(out, phase, i < old.size() ? Json.asObject(old.get(i)) : null);
    }
    Map<String, @Nullable Object> pairs = Json.asObject(result.get("pairs"));
    if (result.containsKey("slow")) {
      SlowReport.words(out, Json.asObject(result.get("slow")));
    } else if (!pairs.isEmpty()) {
      out.append(PairedRun.words(pairs));
    } else if (phases.size() == 2) {
      stormRatio(out, Json.asObject(phases.get(0)), Json.asObject(phases.get(1)));
    }
    Json.asObject(result.get("notes"))
        .forEach((note, times) ->
            out.append("  note: ").append(note).append(" (").append(times).append(" ×)\n"));
    out.append(Threshold.words(result));
    verdict(out, result);
    return out.toString();
  }

  /** One line that says what was done. */
  static String headline(Map<String, @Nullable Object> result) {
    Map<String, @Nullable Object> plan = Json.asObject(result.get("plan"));
    boolean isOpen = Json.number(plan, "rate_per_s") > 0;
    if ("connect".equals(result.get("scenario"))) {
      return headlineOfConnects(plan, isOpen);
    }
    String pace = isOpen
        ? String.format(Locale.ROOT, "%,.1f/s open loop", Json.number(plan, "rate_per_s"))
        : String.format(Locale.ROOT, "window %.0f, closed loop", Json.number(plan, "window"));
    return String.format(
        Locale.ROOT,
        "%s on %s: %,.0f topic(s) × %,.0f receiver(s), %.0f publisher(s), %.0f B texts, %s, %.1f s after %.1f s of warm-up",
        result.get("scenario"),
        plan.get("target"),
        Json.number(plan, "rooms"),
        Json.number(plan, "members"),
        Json.number(plan, "publishers"),
        Json.number(plan, "text_bytes"),
        pace,
        Json.number(plan, "measured_s"),
        Json.number(plan, "warmup_s"));
  }

  private static String headlineOfConnects(Map<String, @Nullable Object> plan, boolean isOpen) {
    return String.format(
        Locale.ROOT,
        "connect on %s: %,.0f connections, %s, idle for %.1f s",
        plan.get("target"),
        Json.number(plan, "members"),
        isOpen
            ? String.format(
                Locale.ROOT, "%,.1f started per second", Json.number(plan, "rate_per_s"))
            : String.format(Locale.ROOT, "%.0f at once", Json.number(plan, "window")),
        Json.number(plan, "measured_s"));
  }

  /** What was refused or left over, in words; empty: nothing. */
  static String leftovers(Map<String, @Nullable Object> phase) {
    StringBuilder out = new StringBuilder();
    Json.asObject(phase.get("refused"))
        .forEach((code, count) -> out.append(count)
            .append(" refused with ")
            .append(code)
            .append(Refusals.flags(code))
            .append("; "));
    if (Json.number(phase, "unanswered") > 0) {
      out.append(
          String.format(Locale.ROOT, "%.0f never answered; ", Json.number(phase, "unanswered")));
    }
    if (Json.number(phase, "unsent") > 0) {
      out.append(String.format(
          Locale.ROOT,
          "%.0f were due and could not be sent: the server did not keep up; ",
          Json.number(phase, "unsent")));
    }
    return out.toString();
  }

  private static void phase(
      StringBuilder out,
      Map<String, @Nullable Object> phase,
      @Nullable Map<String, @Nullable Object> old) {
    out.append("  ").append(phase.get("name")).append('\n');
    for (Metric metric : Metric.ALL) {
      double value = metric.of(phase);
      if (!Double.isNaN(value)) {
        out.append(
            String.format(Locale.ROOT, "    %-26s %14s", metric.label(), metric.text(value)));
        out.append(metric.interval(phase));
        if (old != null && !Double.isNaN(metric.of(old))) {
          out.append("   ").append(Difference.of(metric, metric.of(old), value).text());
        }
        out.append('\n');
      }
    }
    if (Boolean.TRUE.equals(phase.get("closed_loop"))) {
      out.append(
          "    (closed loop: the latencies say how full the window was, not how fast the server is)\n");
    }
    String leftovers = leftovers(phase);
    if (!leftovers.isEmpty()) {
      out.append("    ").append(leftovers).append('\n');
    }
    limits(out, phase);
  }

  private static void limits(StringBuilder out, Map<String, @Nullable Object> phase) {
    for (Object reason : Json.asList(Json.at(phase, "client", "reasons"))) {
      out.append("    THE CLIENT WAS THE LIMIT: ").append(reason).append('\n');
    }
    for (Object reason : Json.asList(Json.at(phase, "client", "disturbances"))) {
      out.append("    the machine was disturbed: ").append(reason).append('\n');
    }
  }

  private static void stormRatio(
      StringBuilder out, Map<String, @Nullable Object> calm, Map<String, @Nullable Object> stormy) {
    double ratio =
        Json.number(stormy, "delivery_us", "p99") / Json.number(calm, "delivery_us", "p99");
    out.append(
        String.format(Locale.ROOT, "  delivery p99 beside the storm / without: %.2f\n", ratio));
  }

  private static void verdict(StringBuilder out, Map<String, @Nullable Object> result) {
    if (Boolean.TRUE.equals(result.get("clean"))) {
      out.append("  clean: every receiver got every message once, in order, intact\n");
      return;
    }
    if (Json.asObject(result.get("violations")).values().stream()
        .allMatch(count -> count instanceof Number number && number.longValue() == 0)) {
      return; // what it was stands at the top
    }
    out.append("  VIOLATIONS:");
    Json.asObject(result.get("violations")).forEach((kind, count) -> {
      if (count instanceof Number number && number.longValue() > 0) {
        out.append(' ').append(kind).append('=').append(count);
      }
    });
    out.append('\n');
  }
}
