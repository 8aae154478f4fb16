package io.gochat.bench.jmh;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results beside a baseline. Stateless. */
final class Comparison {
  /** Below this a difference is the machine's. */
  private static final double NOISE = 0.05;

  private Comparison() {}

  /** A table of ratios now / baseline; what only one side has is named under it. */
  static String table(List<Figure> now, List<Figure> baseline) {
    Map<String, Figure> before = new LinkedHashMap<>();
    baseline.forEach(figure -> before.put(figure.key(), figure));
    StringBuilder out = new StringBuilder(String.format(
        Locale.ROOT,
        "%-70s %14s %14s %7s %-7s %s%n",
        "benchmark",
        "baseline",
        "now",
        "ratio",
        "unit",
        "verdict"));
    List<String> fresh = new ArrayList<>();
    for (Figure figure : now) {
      Figure old = before.remove(figure.key());
      if (old == null || !old.unit().equals(figure.unit())) {
        fresh.add(figure.key());
        continue;
      }
      out.append(String.format(
          Locale.ROOT,
          "%-70s %,14.1f %,14.1f %7.2f %-7s %s%n",
          figure.key(),
          old.score(),
          figure.score(),
          figure.score() / old.score(),
          figure.unit(),
          verdict(old, figure)));
    }
    fresh.forEach(key -> out.append("not in the baseline: ").append(key).append('\n'));
    if (!before.isEmpty()) {
      out.append("not run now: ").append(before.size()).append(" of the baseline\n");
    }
    return out.toString();
  }

  /** Better or worse only when the intervals do not touch and the difference is not small. */
  static String verdict(Figure before, Figure now) {
    double change = now.score() / before.score() - 1;
    boolean isApart = now.low() > before.high() || now.high() < before.low();
    if (!isApart || Math.abs(change) < NOISE) {
      return "same";
    }
    return change > 0 == now.isThroughput() ? "BETTER" : "WORSE";
  }
}
