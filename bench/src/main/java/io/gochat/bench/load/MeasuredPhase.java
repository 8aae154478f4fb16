package io.gochat.bench.load;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One phase that is over.
 *
 * @param json as a result tells it
 * @param recorder what it was made from
 */
record MeasuredPhase(Map<String, @Nullable Object> json, PhaseRecorder recorder) {
  private static final int PERCENTILE = 99;

  double p99Us() {
    return recorder.deliveries().getValueAtPercentile(PERCENTILE) / 1e3;
  }
}
