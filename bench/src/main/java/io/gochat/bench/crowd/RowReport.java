package io.gochat.bench.crowd;

import io.gochat.bench.common.Json;
import io.gochat.bench.crowd.BystanderNotices.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What came of one row. Immutable.
 *
 * @param phases in their order
 * @param answered what the crowd was told, by kind
 * @param failures what must not be; empty: passed
 */
record RowReport(
    CrowdRow row,
    int size,
    List<Phase> phases,
    Map<String, Long> answered,
    int logins,
    double slowestLoginMs,
    double residentMiB,
    List<String> failures) {

  /**
   * A time in which the bystander was measured.
   *
   * @param limitMs what its p99 may be; NaN: told only
   */
  record Phase(String name, double seconds, Figures publish, Figures delivery, double limitMs) {
    boolean isTooSlow() {
      return publish.p99() > limitMs || delivery.p99() > limitMs;
    }
  }

  boolean passed() {
    return failures.isEmpty();
  }

  /** For people. */
  String text() {
    StringBuilder out = new StringBuilder();
    out.append(String.format(
        Locale.ROOT,
        "%n%s: %s%s%n",
        row.word(),
        row.sentence(size),
        row.heap().isEmpty() ? "" : " (server with -Xmx" + row.heap() + ")"));
    out.append(
        "  bystander, ms              publish p50     p99     max    delivery p50     p99     max\n");
    phases.forEach(phase -> out.append(text(phase)));
    out.append("  the crowd was answered     ").append(counts()).append('\n');
    out.append(String.format(
        Locale.ROOT,
        "  logins of somebody else    %d, the slowest %s ms%n  server's memory            %.0f MiB at most%n",
        logins,
        ms(slowestLoginMs),
        residentMiB));
    failures.forEach(failure -> out.append("  FAILED: ").append(failure).append('\n'));
    if (passed()) {
      out.append("  passed\n");
    }
    return out.toString();
  }

  private static String text(Phase phase) {
    return String.format(
        Locale.ROOT,
        "  %-12s %7.1f s      %8s%8s%8s        %8s%8s%8s%s%n",
        phase.name(),
        phase.seconds(),
        ms(phase.publish().p50()),
        ms(phase.publish().p99()),
        ms(phase.publish().max()),
        ms(phase.delivery().p50()),
        ms(phase.delivery().p99()),
        ms(phase.delivery().max()),
        phase.isTooSlow() ? "  !" : "");
  }

  private String counts() {
    List<String> parts = new ArrayList<>();
    answered.forEach((kind, count) -> parts.add(String.format(Locale.ROOT, "%s %,d", kind, count)));
    return parts.isEmpty() ? "nothing" : String.join(", ", parts);
  }

  static String ms(double value) {
    return Double.isNaN(value)
        ? "-"
        : String.format(Locale.ROOT, value < 100 ? "%.1f" : "%,.0f", value);
  }

  /** For scripts. */
  Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = Json.object();
    json.put("row", row.word());
    json.put("size", size);
    List<@Nullable Object> list = new ArrayList<>();
    for (Phase phase : phases) {
      Map<String, @Nullable Object> each = Json.object();
      each.put("name", phase.name());
      each.put("seconds", phase.seconds());
      each.put("publish_ms", figures(phase.publish()));
      each.put("delivery_ms", figures(phase.delivery()));
      each.put("limit_ms", phase.limitMs());
      list.add(each);
    }
    json.put("phases", list);
    json.put("answered", answered);
    json.put("logins", logins);
    json.put("slowest_login_ms", slowestLoginMs);
    json.put("server_resident_mib", residentMiB);
    json.put("failures", failures);
    json.put("passed", passed());
    return json;
  }

  private static Map<String, @Nullable Object> figures(Figures figures) {
    Map<String, @Nullable Object> json = Json.object();
    json.put("count", figures.count());
    json.put("p50", figures.p50());
    json.put("p99", figures.p99());
    json.put("max", figures.max());
    return json;
  }
}
