package io.gochat.bench.jmh;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code ./gochat bench [PATTERN]}. */
@Command(name = "bench", description = "Runs the benchmarks.", mixinStandardHelpOptions = true)
public final class BenchCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 2;
  }
}
