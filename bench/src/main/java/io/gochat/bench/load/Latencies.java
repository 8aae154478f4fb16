package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** A histogram of nanoseconds as figures in microseconds. Stateless. */
final class Latencies {
  private static final double NS_PER_US = 1e3;

  private Latencies() {}

  /** Count, mean, the usual percentiles, and the curve: pairs of percentile and µs, denser towards 100. */
  static Map<String, @Nullable Object> toJson(Histogram ns) {
    Map<String, @Nullable Object> json = Json.object();
    json.put("count", ns.getTotalCount());
    if (ns.getTotalCount() == 0) {
      return json;
    }
    json.put("mean", ns.getMean() / NS_PER_US);
    json.put("min", ns.getMinValue() / NS_PER_US);
    json.put("p50", ns.getValueAtPercentile(50) / NS_PER_US);
    json.put("p90", ns.getValueAtPercentile(90) / NS_PER_US);
    json.put("p99", ns.getValueAtPercentile(99) / NS_PER_US);
    json.put("p99_9", ns.getValueAtPercentile(99.9) / NS_PER_US);
    json.put("p99_99", ns.getValueAtPercentile(99.99) / NS_PER_US);
    json.put("max", ns.getMaxValue() / NS_PER_US);
    json.put("curve", curve(ns));
    return json;
  }

  private static List<@Nullable Object> curve(Histogram ns) {
    List<@Nullable Object> points = new ArrayList<>();
    double finest = Math.log10((double) Math.max(10, ns.getTotalCount()));
    for (double nines = 0; nines <= finest; nines += 0.05) {
      double percentile = 100 * (1 - Math.pow(10, -nines));
      points.add(List.of(percentile, ns.getValueAtPercentile(percentile) / NS_PER_US));
    }
    return points;
  }
}
