package io.gochat.bench.common;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The middle of repeated measurements and where it surely lies. Immutable.
 *
 * @param median the middle one
 * @param low lower end of the interval that holds the true median with at least 95 %
 * @param high upper end
 */
public record Spread(double median, double low, double high) {
  private static final double CONFIDENCE = 0.95;

  /** From order statistics: assumes nothing of how the measurements are distributed. */
  public static Spread of(double... measured) {
    double[] sorted = measured.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    int outer = 0;
    // Between the k-th smallest and the k-th largest lies the median unless fewer than k fell on
    // one side.
    for (int k = 1; 2 * k <= n; k++) {
      if (1 - 2 * binomialBelow(n, k) >= CONFIDENCE) {
        outer = k - 1;
      }
    }
    return new Spread(median, sorted[outer], sorted[n - 1 - outer]);
  }

  /** Probability of fewer than {@code k} heads in {@code n} throws. */
  private static double binomialBelow(int n, int k) {
    double sum = 0;
    double term = Math.pow(0.5, n);
    for (int i = 0; i < k; i++) {
      sum += term;
      term = term * (n - i) / (i + 1);
    }
    return sum;
  }

  /** As JSON: {@code median}, {@code low}, {@code high}. */
  public Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = Json.object();
    json.put("median", median);
    json.put("low", low);
    json.put("high", high);
    return json;
  }
}
