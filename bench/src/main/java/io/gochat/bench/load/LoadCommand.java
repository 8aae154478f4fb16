package io.gochat.bench.load;

import io.gochat.bench.common.DurationConverter;
import io.gochat.bench.common.Json;
import io.gochat.bench.common.TlsOption;
import io.gochat.bench.load.LoadPlan.Scenario;
import io.gochat.bench.load.PairedRun.Question;
import io.gochat.bench.load.ServerAddress.RefusedAddressException;
import io.gochat.bench.process.FreshServer;
import io.gochat.bench.process.ProcessProbe;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code ./gochat load SCENARIO}: the options, their bounds, and where the result goes. Not thread-safe. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Loads a running server, checks every delivery and says how fast it was.",
      "Latency counts from the time at which a message was due, not from when it was sent.",
      "Exit status: 0 clean, 1 a delivery was lost, doubled, out of order or damaged, or the server died, "
          + "2 the run was not possible, 3 clean, but a --threshold was missed, 130 ended with Ctrl-C (and told so far)."
    },
    footer = {
      "",
      "Scenarios:",
      "  fanout   one room with --members receivers",
      "  rooms    --rooms rooms with --members receivers each",
      "  direct   --rooms users get direct messages from --publishers others",
      "  http     pushes over HTTP, to offline users (--members 0) or into rooms",
      "  publish  --publishers publish into --rooms rooms without members",
      "  connect  --members connections at --rate or --window at once, then idle",
      "  login    fanout, then the same beside --storm logins at once",
      "  crowd    crowds that do not read or finish, on servers of their own: load crowd --help",
      "  slow     fanout in --pairs of phases, without and beside three members that do not keep up",
      "",
      "With --pairs: http beside a bare Netty \"hello\" in a process of its own, publish beside one publisher,",
      "login beside the same without logins; the ratio's median and 95 %% interval.",
    })
public final class LoadCommand implements Callable<Integer> {
  private static final int NOT_POSSIBLE = 2;
  private static final int THRESHOLD_MISSED = 3;

  private final ProgressLine progress = new ProgressLine(Ansi.AUTO.enabled() ? System.err : null);

  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before call()
  private CommandSpec spec;

  // Not required, because the subcommand crowd stands in its place.
  @Parameters(
      arity = "0..1",
      paramLabel = "SCENARIO",
      description = "fanout, rooms, direct, http, publish, connect, login or slow")
  private @Nullable Scenario given;

  @Option(
      names = "--attach",
      paramLabel = "HOST:PORT[,...]",
      split = ",",
      description =
          "the server (default 127.0.0.1:8080); of several nodes, each gets its share of the connections")
  private List<String> attach = List.of("127.0.0.1:8080");

  @Option(
      names = "--own-server",
      description = "start a server for this run: a free port, fresh data in the current directory")
  private boolean startsServer;

  @Option(
      names = "--redis-delay",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "with --own-server: on a Redis of the run's own, so long a round trip away (0ms: beside it)")
  private @Nullable Duration redisDelay;

  @Option(names = "--i-own-this-server", description = "allow a server that is not on this machine")
  private boolean ownsServer;

  @Mixin
  private LoadOptions options = new LoadOptions();

  @Option(names = "--pid", description = "the server's process; found by its port when it is local")
  private @Nullable Long pid;

  @Option(
      names = "--users-file",
      paramLabel = "FILE",
      description = "where accounts and tokens are kept (~/.cache/gochat/load-users.json)")
  private @Nullable Path usersFile;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      arity = "0..1",
      fallbackValue = "-",
      description = "the result as JSON; - or nothing: to standard output")
  private @Nullable String json;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "the result as one self-contained HTML page")
  private @Nullable Path report;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description = "an earlier --json to compare with")
  private @Nullable Path baseline;

  @Option(
      names = "--threshold",
      paramLabel = "FIGURE<BOUND",
      description = {
        "what every phase must keep, or the run ends with status 3: 'delivery_p99<50ms', 'accepted_per_s>1000';",
        "repeatable; figures are those of the summary (delivery_p50, answer_p99, deliveries_per_s, server_cores, ...)"
      })
  private List<String> thresholds = List.of();

  @Mixin
  private final TlsOption tls = new TlsOption();

  @Override
  public Integer call() throws InterruptedException {
    PrintStream words = "-".equals(json) ? System.err : System.out;
    check();
    List<Threshold> bounds = thresholds();
    // The run is told before its server and its files go.
    try (DistantRedis redis = redisDelay == null ? null : DistantRedis.start(redisDelay);
        FreshServer own = startsServer ? ownServer(redis) : null;
        Ending ending = new Ending()) {
      LoadPlan plan = options.plan(own == null ? targets() : List.of(target(own)));
      Map<String, @Nullable Object> old =
          baseline == null ? null : Json.readObject(Files.readString(baseline));
      Map<String, @Nullable Object> result = run(plan, own, ending);
      result.put("thresholds", Threshold.judge(bounds, Json.asList(result.get("phases"))));
      words.print(Summary.of(result, old));
      write(result, old, words);
      words.flush();
      return status(result);
    } catch (RefusedAddressException | LoadFailure e) {
      progress.done();
      System.err.println("gochat load: " + e.getMessage());
      return NOT_POSSIBLE;
    } catch (IOException e) {
      progress.done();
      System.err.println("gochat load: " + String.join(",", attach) + ": " + e);
      return NOT_POSSIBLE;
    }
  }

  /** Refuses, before anything is started, what cannot be run. */
  private void check() {
    if (given == null) {
      throw wrong(
          "which scenario? fanout, rooms, direct, http, publish, connect, login, slow or crowd");
    }
    options.check(given, report != null);
    if (tls.isWanted() && options.pairs() != null && given == Scenario.HTTP) {
      throw wrong("--pairs: the bare HTTP server that http is compared with speaks no TLS");
    }
    if (options.isBesidePlainFrames(given) && !tls.isWanted() && options.isInFrames()) {
      throw wrong("--pairs compares fanout and rooms with plain frames: with --tls or --via ws");
    }
    if (redisDelay != null && !startsServer) {
      throw wrong("--redis-delay: of the server that --own-server starts");
    }
    writable("--json", "-".equals(json) || json == null ? null : Path.of(json));
    writable("--report", report);
  }

  private FreshServer ownServer(@Nullable DistantRedis redis)
      throws IOException, InterruptedException {
    List<String> flags = new ArrayList<>(redis == null ? List.of() : redis.flags());
    if (given == Scenario.HTTP) {
      // One user pushes to users who never read: with the default bounds that is refused soon.
      flags.add("--inbox-per-sender=0");
      flags.add("--retention-count=1000000");
    }
    return tls.isWanted()
        ? FreshServer.gochatWithTls(List.of(), flags)
        : FreshServer.gochat(List.of(), flags);
  }

  private ServerAddress target(FreshServer own) throws IOException {
    own.certificate().ifPresent(tls::trust);
    return new ServerAddress(own.address()).with(ClientTlsContexts.of(tls));
  }

  private static int status(Map<String, @Nullable Object> result) {
    if (!Boolean.TRUE.equals(result.get("clean"))) {
      return 1;
    }
    return Threshold.areMet(result) ? 0 : THRESHOLD_MISSED;
  }

  private List<Threshold> thresholds() {
    try {
      return thresholds.stream().map(Threshold::parse).toList();
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  /** Told before the run, not after it. */
  private void writable(String option, @Nullable Path file) {
    if (file == null) {
      return;
    }
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw wrong(option + ": there is no directory " + directory);
    }
    if (Files.isDirectory(file) || !Files.isWritable(Files.exists(file) ? file : directory)) {
      throw wrong(option + ": " + file + " cannot be written");
    }
  }

  private Map<String, @Nullable Object> run(LoadPlan plan, @Nullable FreshServer own, Ending ending)
      throws IOException, InterruptedException, RefusedAddressException {
    progress.say("finding accounts");
    UserPool pool = UserPool.open(usersFile(own), plan.target());
    ProcessProbe server = own != null ? own.probe() : server(plan.targets()).orElse(null);
    Map<String, @Nullable Object> result = play(plan, pool, server, ending);
    Results.circumstances(
        result, spec.root().commandLine().getParseResult().originalArgs(), server, ending.reason());
    return result;
  }

  private Map<String, @Nullable Object> play(
      LoadPlan plan, UserPool pool, @Nullable ProcessProbe server, Ending ending)
      throws IOException, InterruptedException, RefusedAddressException {
    Question question = Question.of(plan);
    Integer pairs = options.pairs();
    if (pairs != null && question != null) {
      if (server == null && question != Question.PUBLISH && question != Question.LOGIN) {
        throw new LoadFailure(
            "the server's process cannot be found, so its CPU time cannot: --pid");
      }
      return new PairedRun(plan, pool, server, progress, ending).run(question, pairs);
    }
    if (plan.scenario() == Scenario.CONNECT) {
      try (ConnectRun run = new ConnectRun(plan, pool, server, progress, ending)) {
        return run.run();
      }
    }
    progress.say("signing in " + plan.usersNeeded() + " users");
    List<UserPool.User> signedIn = pool.signedIn(plan.usersNeeded());
    try (LoadRun run = new LoadRun(plan, signedIn, pool.roomBase(), server, progress, ending)) {
      return run.run(pool.password());
    }
  }

  private void write(
      Map<String, @Nullable Object> result,
      @Nullable Map<String, @Nullable Object> old,
      PrintStream words)
      throws IOException {
    if ("-".equals(json)) {
      System.out.println(Json.text(result));
    } else if (json != null) {
      Files.writeString(Path.of(json), Json.text(result) + "\n");
      words.println("  JSON: " + json);
    }
    if (report != null) {
      Files.writeString(report, HtmlReport.of(result, old));
      words.println("  report: " + report);
    }
  }

  private Optional<ProcessProbe> server(List<ServerAddress> targets) {
    if (pid != null) {
      return Optional.of(new ProcessProbe(pid));
    }
    List<Long> pids = targets.stream()
        .filter(ServerAddress::isLocal)
        .flatMap(target -> ProcessProbe.listeningOn(target.address().getPort()).stream())
        .map(ProcessProbe::pid)
        .toList();
    return pids.size() == targets.size() ? Optional.of(new ProcessProbe(pids)) : Optional.empty();
  }

  private Path usersFile(@Nullable FreshServer own) {
    if (usersFile == null && own != null) {
      return own.usersFile();
    }
    return usersFile != null
        ? usersFile
        : Path.of(System.getProperty("user.home"), ".cache", "gochat", "load-users.json");
  }

  private List<ServerAddress> targets() throws RefusedAddressException, IOException {
    List<ServerAddress> targets = new ArrayList<>();
    Optional<ClientTlsContexts> contexts = ClientTlsContexts.of(tls);
    for (String node : attach) {
      targets.add(ServerAddress.parse(node, ownsServer).with(contexts));
    }
    return List.copyOf(targets);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
