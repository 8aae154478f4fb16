package io.gochat.bench.crowd;

import io.gochat.bench.common.Json;
import io.gochat.bench.common.StatusLine;
import io.gochat.bench.common.Terminal;
import io.gochat.bench.process.AtExit;
import io.gochat.bench.websocket.Via;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./gochat load crowd}. Not thread-safe. */
@Command(
    name = "crowd",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Plays crowds that do not read, or do not finish what they began, each against a server of its own with a small "
          + "heap, and measures what somebody else notices.",
      "Exit status: 0 nobody else noticed, 1 somebody did, 2 the run was not possible."
    },
    footer = {
      "",
      "Rows:",
      "  replay, room, history, fetch   ask for more than they read; then read all of it",
      "  bodies, frames                 do not finish what they began to send",
      "  logins, registrations          make the server hash",
      "  inbox                          more direct messages than an inbox keeps",
    })
public final class CrowdCommand implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // set by picocli before call()
  private CommandSpec spec;

  @Mixin
  private CrowdOptions options = new CrowdOptions();

  @Option(
      names = "--row",
      paramLabel = "ROW",
      split = ",",
      description = "only these (${COMPLETION-CANDIDATES})")
  private List<CrowdRow> rows = List.of();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "the result as JSON; - is standard output")
  private @Nullable String json;

  private final StatusLine progress = new StatusLine(Terminal.isOutput() ? System.err : null);

  @Override
  public Integer call() throws InterruptedException {
    check();
    PrintStream words = "-".equals(json) ? System.err : System.out;
    List<RowReport> reports = new ArrayList<>();
    try {
      for (CrowdRow row : played()) {
        RowReport report = new CrowdRun(row, options, progress::show).run();
        progress.clear();
        words.print(report.text());
        words.flush();
        reports.add(report);
      }
      words.print(summary(reports));
      write(reports);
    } catch (IOException e) {
      progress.clear();
      if (!AtExit.isUnderWay()) {
        System.err.println("gochat load crowd: " + e.getMessage());
      }
      return 2;
    }
    return reports.stream().allMatch(RowReport::passed) ? 0 : 1;
  }

  private List<CrowdRow> played() {
    return rows.isEmpty()
        ? Stream.of(CrowdRow.values()).filter(this::makesSense).toList()
        : rows;
  }

  private boolean makesSense(CrowdRow row) {
    return (options.way.via() == Via.FRAMES || row.speaksFrames())
        && (!options.tls || row.isOfConnections());
  }

  private static String summary(List<RowReport> reports) {
    StringBuilder out = new StringBuilder(String.format(
        "%n%-14s %7s  %-22s %-22s %9s%n",
        "row", "crowd", "publish p99 ms", "delivery p99 ms", "login ms"));
    out.append(String.format("%-14s %7s  %-22s %-22s%n", "", "", "without, held", "without, held"));
    for (RowReport report : reports) {
      out.append(String.format(
          Locale.ROOT,
          "%-14s %,7d  %-22s %-22s %9s  %s%n",
          report.row().word(),
          report.size(),
          RowReport.ms(phase(report, "without").publish().p99()) + ", "
              + RowReport.ms(phase(report, "held").publish().p99()),
          RowReport.ms(phase(report, "without").delivery().p99()) + ", "
              + RowReport.ms(phase(report, "held").delivery().p99()),
          RowReport.ms(report.slowestLoginMs()),
          report.passed() ? "passed" : "FAILED"));
    }
    return out.toString();
  }

  private static RowReport.Phase phase(RowReport report, String name) {
    return report.phases().stream()
        .filter(phase -> phase.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private void write(List<RowReport> reports) throws IOException {
    if (json == null) {
      return;
    }
    Map<String, @Nullable Object> tree = Json.object();
    tree.put("scale", options.scale);
    tree.put("via", options.way.via().word());
    tree.put("tls", options.tls);
    tree.put("passed", reports.stream().allMatch(RowReport::passed));
    tree.put("rows", reports.stream().map(RowReport::json).toList());
    if ("-".equals(json)) {
      System.out.println(Json.text(tree));
    } else {
      Files.writeString(Path.of(json), Json.text(tree) + "\n");
    }
  }

  private void check() {
    require(options.scale >= 0.001 && options.scale <= 1, "--scale lies between 0.001 and 1");
    require(options.calmSeconds > 0 && options.calmSeconds <= 600, "--calm lies between 0 and 600");
    require(
        options.holdSeconds > 0 && options.holdSeconds <= 3_600, "--hold lies between 0 and 3600");
    require(options.patienceSeconds > 0, "--patience is more than 0");
    require(
        rows.stream().allMatch(this::makesSense),
        "--via ws is for replay, room, fetch and frames; --tls for all rows but inbox");
  }

  private void require(boolean condition, String message) {
    if (!condition) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
