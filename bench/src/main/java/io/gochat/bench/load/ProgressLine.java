package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.common.StatusLine;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The line that changes while a run lasts; silent where nobody is looking. Not thread-safe. */
final class ProgressLine {
  private final boolean isWatched;
  private final StatusLine line;

  /** Writes to {@code terminal}; null: to nobody. */
  ProgressLine(@Nullable PrintStream terminal) {
    this.isWatched = terminal != null;
    this.line = new StatusLine(terminal);
  }

  /** Replaces the line. */
  void say(String text) {
    line.show(text);
  }

  /** Replaces the line by a sample of the timeline. */
  void sample(String phase, double second, double seconds, Map<String, @Nullable Object> point) {
    if (!isWatched || point.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder(String.format(
        Locale.ROOT,
        "%s %5.1f/%.0f s  %,.0f published/s  %,.0f delivered/s",
        phase,
        second,
        seconds,
        Json.number(point, "published_per_s"),
        Json.number(point, "deliveries_per_s")));
    if (point.containsKey("p99_us")) {
      text.append(String.format(
          Locale.ROOT,
          "  p50 %s  p99 %s",
          Metric.duration(Json.number(point, "p50_us")),
          Metric.duration(Json.number(point, "p99_us"))));
    }
    if (point.containsKey("server_cores")) {
      text.append(
          String.format(Locale.ROOT, "  server %.0f %%", 100 * Json.number(point, "server_cores")));
    }
    text.append(
        String.format(Locale.ROOT, "  client %.0f %%", 100 * Json.number(point, "client_cores")));
    say(text.toString());
  }

  /** Removes the line. */
  void done() {
    line.clear();
  }
}
