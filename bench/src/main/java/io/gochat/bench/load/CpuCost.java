package io.gochat.bench.load;

import io.gochat.bench.common.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * CPU time per event in the parts of a measurement, so that a figure comes with what it varied. Not thread-safe.
 *
 * <p>The kernel counts CPU time in 10 ms: a part takes in as much of it as makes that an error of some per cent.
 */
final class CpuCost {
  private static final double LEAST_CPU_NS = 150e6;

  private final List<Double> micros = new ArrayList<>();
  private double cpuNs;
  private long events;

  /** So much was used for so many, since the last call. */
  void add(double usedNs, long happened) {
    cpuNs += usedNs;
    events += happened;
    if (cpuNs >= LEAST_CPU_NS && events > 0) {
      micros.add(cpuNs / 1e3 / events);
      cpuNs = 0;
      events = 0;
    }
  }

  /** The median of the parts and its interval; null: there were fewer than two. */
  @Nullable
  Map<String, @Nullable Object> spread() {
    return micros.size() < 2
        ? null
        : Spread.of(micros.stream().mapToDouble(Double::doubleValue).toArray()).toJson();
  }
}
