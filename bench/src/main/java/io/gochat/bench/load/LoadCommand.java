package io.gochat.bench.load;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code ./gochat load SCENARIO}. */
@Command(
    name = "load",
    description = "Loads a server and checks every delivery.",
    mixinStandardHelpOptions = true)
public final class LoadCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 2;
  }
}
