package io.gochat.bench.jmh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.NoBenchmarksException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/** Runs the JMH benchmarks that match a pattern, each in its own JVM. Stateless. */
final class JmhRun {
  private static final double CONFIDENCE = 0.95;
  private static final String PACKAGE = "io.gochat.bench.jmh.";

  private JmhRun() {}

  /** The results; empty when nothing matches. */
  static List<Figure> run(String pattern, boolean isQuick) throws RunnerException {
    ChainedOptionsBuilder options = new OptionsBuilder()
        .include(pattern)
        .forks(1)
        .warmupIterations(isQuick ? 2 : 4)
        .warmupTime(TimeValue.milliseconds(isQuick ? 300 : 1000))
        .measurementIterations(isQuick ? 3 : 9)
        .measurementTime(TimeValue.milliseconds(isQuick ? 300 : 1000))
        .addProfiler(GCProfiler.class)
        .jvmArgsAppend("-Xmx2g", "-Dio.netty.leakDetection.level=disabled");
    Collection<RunResult> results;
    try {
      results = new Runner(options.build()).run();
    } catch (NoBenchmarksException e) {
      return List.of();
    }
    List<Figure> figures = new ArrayList<>();
    for (RunResult result : results) {
      figures.add(figure(result));
    }
    return figures;
  }

  private static Figure figure(RunResult result) {
    Result<?> primary = result.getPrimaryResult();
    Statistics statistics = primary.getStatistics();
    double[] interval = statistics.getConfidenceIntervalAt(CONFIDENCE);
    String params = result.getParams().getParamsKeys().stream()
        .map(key -> key + "=" + result.getParams().getParam(key))
        .collect(Collectors.joining(","));
    double bytes = Double.NaN;
    for (String key : result.getSecondaryResults().keySet()) {
      if (key.endsWith("gc.alloc.rate.norm")) {
        bytes = result.getSecondaryResults().get(key).getScore();
      }
    }
    String name = result.getParams().getBenchmark();
    return new Figure(
        name.startsWith(PACKAGE) ? name.substring(PACKAGE.length()) : name,
        params,
        primary.getScore(),
        interval[0],
        interval[1],
        primary.getScoreUnit(),
        bytes,
        Map.of());
  }
}
