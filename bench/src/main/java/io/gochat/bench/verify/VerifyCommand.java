package io.gochat.bench.verify;

import io.gochat.bench.api.HostAndPort;
import io.gochat.bench.common.Terminal;
import io.gochat.bench.process.AtExit;
import io.gochat.bench.websocket.Via;
import java.io.IOException;
import java.net.Socket;
import java.security.SecureRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./gochat verify}. */
@Command(
    name = "verify",
    description = {
      "Proves, or refutes, that no message is lost, doubled or reordered.",
      "Publishers (HTTP and frames) and receivers (the SDK) run against a server that is killed, paused and cut off "
          + "in a random order that --seed repeats. In the end every message is accounted for."
    },
    footer = {
      "",
      "Exit status: 0 all promises were kept, 1 one was broken or a fault did not fire, "
          + "2 the run was not possible."
    },
    mixinStandardHelpOptions = true)
public final class VerifyCommand implements Callable<Integer> {
  private static final int NOT_POSSIBLE = 2;
  private static final int CONNECT_MS = 5_000;

  @Mixin
  private VerifyOptions options = new VerifyOptions();

  @Option(
      names = "--scenario",
      defaultValue = "crash",
      description =
          "crash: everything at random; storm: thousands of clients come back after one kill. "
              + "Default: ${DEFAULT-VALUE}.")
  private String scenario = "crash";

  @Option(
      names = "--clients",
      defaultValue = "2000",
      description = "How many clients the storm has. Default: ${DEFAULT-VALUE}.")
  private int clients = 2_000;

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before call()
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    check();
    Long given = options.seed;
    long seed = given == null ? new SecureRandom().nextInt(Integer.MAX_VALUE) : given;
    ProgressBar progress = new ProgressBar(System.err, !options.json && Terminal.isOutput());
    if (!options.json) {
      System.out.println(
          "verify " + scenario + ", seed " + seed + " (the same again: --seed " + seed + ")");
    }
    VerifyReport report;
    try {
      requireServer();
      report = scenario.equals("storm")
          ? new StormRun(options, clients, seed, progress).run()
          : new VerifyRun(options, seed, progress).run();
    } catch (IOException | ExecutionException | IllegalArgumentException e) {
      progress.clear();
      if (!AtExit.isUnderWay()) {
        System.err.println("./gochat verify: the run was not possible: " + reason(e));
      }
      return NOT_POSSIBLE;
    }
    if (options.json) {
      System.out.println(report.json());
    } else {
      report.print(System.out);
    }
    return report.exitStatus();
  }

  /** Nothing can be judged where nobody answers. */
  private void requireServer() throws IOException {
    HostAndPort attach = options.attach;
    if (attach == null) {
      ServerCommandLine.requireJars(options); // before there is a directory that would be left
      return;
    }
    try (Socket probe = new Socket()) {
      probe.connect(attach.resolved(), CONNECT_MS);
    } catch (IOException e) {
      throw new IOException("no server answers at " + attach + " (--attach): " + e.getMessage(), e);
    }
  }

  private static String reason(Exception failure) {
    Throwable cause = failure instanceof ExecutionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }

  private void check() {
    require(scenario.equals("crash") || scenario.equals("storm"), "--scenario is crash or storm");
    require(options.publishers > 0 && options.publishers <= 500, "--publishers is 1 to 500");
    require(options.receivers > 0 && options.receivers <= 500, "--receivers is 1 to 500");
    require(options.rooms > 0 && options.rooms <= 500, "--rooms is 1 to 500");
    require(options.rate >= 0, "--rate is at least 0");
    require(clients > 0 && clients <= 15_000, "--clients is 1 to 15000");
    require(
        options.durability.equals("fsync") || options.durability.equals("async"),
        "--durability is fsync or async");
    require(options.nodes > 0 && options.nodes <= 9, "--nodes is 1 to 9");
    require(options.nodes == 1 || options.redis != null, "several nodes need --redis");
    require(
        !scenario.equals("storm") || (options.nodes == 1 && options.redis == null),
        "the storm runs on one node and the embedded store");
    require(
        !scenario.equals("storm") || options.attach == null,
        "the storm kills its server: not with --attach");
    require(
        !scenario.equals("storm") || options.way.via() == Via.FRAMES,
        "the storm comes over frames");
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
