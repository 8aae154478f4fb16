package io.gochat.bench.jmh;

import io.gochat.bench.common.Json;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./gochat bench [PATTERN]}. Not thread-safe. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the benchmarks whose name contains PATTERN (a regular expression): Encode, Decode, Registry, Committer (JMH),"
          + " WritePath, the fan-out on real sockets beside a bare loop of sends, and Price, the CPU of a whole server"
          + " for a delivery, a message, a connection and a request.",
      "Exit status: 0 done, 1 nothing matches or a run failed, 2 wrong usage."
    })
public final class BenchCommand implements Callable<Integer> {
  private static final String PRICE = "io.gochat.bench.jmh.Price";
  private static final String WRITE_PATH = "io.gochat.bench.jmh.WritePath";
  private static final int MAX_ROUNDS = 1_000;
  private static final int MAX_MEMBERS = 18_000;
  private static final int SENDS = 30_000;
  private static final int QUICK_SENDS = 5_000;

  @Parameters(arity = "0..1", paramLabel = "PATTERN", description = "which ones (default: all)")
  private String pattern = ".*";

  @Option(names = "--quick", description = "short runs: to see that they work, not to quote")
  private boolean isQuick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "interleaved rounds of WritePath (${DEFAULT-VALUE})")
  private int rounds = 15;

  @Option(
      names = "--members",
      paramLabel = "N",
      split = ",",
      description = "connections of WritePath (default: 1000,5000)")
  private List<Integer> members = List.of(1_000, 5_000);

  @Option(
      names = "--sweep",
      description = "WritePath at 100 to 15,000 connections instead, one message per flush")
  private boolean isSweep;

  @Option(
      names = "--alternatives",
      description = "WritePath: also plain slices and ChannelGroup.writeAndFlush")
  private boolean withAlternatives;

  @Option(names = "--json", paramLabel = "FILE", description = "the results as JSON")
  private @Nullable Path json;

  @Option(names = "--compare", description = "prints the ratios to the baseline")
  private boolean isCompared;

  @Option(
      names = "--baseline",
      paramLabel = "FILE",
      description = "earlier --json to compare with (bench/baseline.json of this repository)")
  private Path baseline = committedBaseline();

  @Override
  public Integer call() throws IOException, InterruptedException, RunnerException {
    String wrong = wrong();
    if (!wrong.isEmpty()) {
      System.err.println("gochat bench: " + wrong);
      return 2;
    }
    PrintStream out = System.out;
    List<Figure> before;
    try {
      before = isCompared ? read(baseline) : List.of();
    } catch (NoSuchFileException e) {
      System.err.println(
          "gochat bench: there is no baseline " + baseline + "; --json " + baseline + " makes one");
      return 1;
    } catch (IOException e) {
      System.err.println("gochat bench: the baseline " + baseline + " cannot be read: " + e);
      return 1;
    }
    List<Figure> figures = new ArrayList<>();
    if (Pattern.compile(pattern).matcher(WRITE_PATH).find()) {
      figures.addAll(writePath(out));
    }
    if (Pattern.compile(pattern).matcher(PRICE).find()) {
      figures.addAll(new Price(out, isQuick).run());
    }
    figures.addAll(JmhRun.run(pattern, isQuick));
    if (figures.isEmpty()) {
      System.err.println("gochat bench: nothing matches " + pattern);
      return 1;
    }
    if (json != null) {
      Files.writeString(json, Json.text(tree(figures)) + "\n");
      out.println("JSON: " + json);
    }
    if (isCompared) {
      out.print(Comparison.table(figures, before));
    }
    return 0;
  }

  /** What is wrong with the options, before anything takes minutes; empty: nothing. */
  private String wrong() {
    if (rounds < 1 || rounds > MAX_ROUNDS) {
      return "--rounds is 1 to " + MAX_ROUNDS;
    }
    if (members.stream().anyMatch(n -> n < 1 || n > MAX_MEMBERS)) {
      return "--members is 1 to " + MAX_MEMBERS;
    }
    Path directory = json == null ? null : json.toAbsolutePath().getParent();
    if (directory != null && !Files.isDirectory(directory)) {
      return "--json: there is no directory " + directory;
    }
    try {
      Pattern.compile(pattern);
      return "";
    } catch (PatternSyntaxException e) {
      return "PATTERN is no regular expression: " + e.getDescription();
    }
  }

  /** Beside the sources whose jar this is, wherever the command was called; else as one stands in the repository. */
  private static Path committedBaseline() {
    Path here = Path.of("bench", "baseline.json");
    try {
      Path jar = Path.of(
          BenchCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      Path module = jar.resolve("../..").normalize(); // bench/target/gochat-bench.jar
      return Files.isRegularFile(module.resolve("pom.xml"))
          ? module.resolve("baseline.json")
          : here;
    } catch (URISyntaxException e) {
      return here;
    }
  }

  private List<Figure> writePath(PrintStream out) throws IOException, InterruptedException {
    if (!Epoll.isAvailable()) {
      System.err.println("gochat bench: WritePath needs epoll, which this system lacks");
      return List.of();
    }
    WritePath path = new WritePath(out, rounds, isQuick ? QUICK_SENDS : SENDS, withAlternatives);
    return isSweep ? path.sweepMembers() : path.run(members);
  }

  private static Map<String, @Nullable Object> tree(List<Figure> figures) {
    Map<String, @Nullable Object> machine = Json.object();
    machine.put("cpus", Runtime.getRuntime().availableProcessors());
    machine.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.put("java", System.getProperty("java.runtime.version"));
    Map<String, @Nullable Object> tree = Json.object();
    tree.put("tool", "gochat bench");
    tree.put("machine", machine);
    tree.put("results", figures.stream().map(Figure::toJson).toList());
    return tree;
  }

  private static List<Figure> read(Path file) throws IOException {
    List<Figure> figures = new ArrayList<>();
    for (Object result : Json.asList(Json.readObject(Files.readString(file)).get("results"))) {
      figures.add(Figure.fromJson(Json.asObject(result)));
    }
    return figures;
  }
}
