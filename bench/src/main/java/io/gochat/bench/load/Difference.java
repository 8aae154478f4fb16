package io.gochat.bench.load;

import java.util.Locale;

/**
 * How a figure moved against a baseline. Immutable.
 *
 * @param change relative: 0.1 is ten per cent more
 * @param verdict in one word
 */
record Difference(Metric metric, double before, double change, Verdict verdict) {
  private static final double NOISE = 0.05;

  /** Better or worse, beyond five per cent. */
  enum Verdict {
    BETTER,
    SAME,
    WORSE
  }

  static Difference of(Metric metric, double before, double now) {
    double change = before == 0 ? 0 : now / before - 1;
    if (Math.abs(change) < NOISE) {
      return new Difference(metric, before, change, Verdict.SAME);
    }
    boolean isBetter = change < 0 == metric.isLowerBetter();
    return new Difference(metric, before, change, isBetter ? Verdict.BETTER : Verdict.WORSE);
  }

  /** For people. */
  String text() {
    return String.format(
        Locale.ROOT,
        "was %s, %+.1f %% (%s)",
        metric.text(before),
        change * 100,
        verdict.name().toLowerCase(Locale.ROOT));
  }
}
