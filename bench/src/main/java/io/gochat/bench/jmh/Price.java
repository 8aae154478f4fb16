package io.gochat.bench.jmh;

import io.gochat.bench.common.Json;
import io.gochat.bench.load.LoadCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * What one message and one connection cost a server, in CPU of its process: {@code load} against servers of its own, so
 * that the figures can be compared with a baseline like those of any other benchmark. Confined to one thread.
 */
final class Price {
  private final PrintStream out;
  private final boolean isQuick;
  private final List<Figure> figures = new ArrayList<>();

  Price(PrintStream out, boolean isQuick) {
    this.out = out;
    this.isQuick = isQuick;
  }

  /** Many small rooms at a moderate rate, a herd of connections, durable publishes, pushes over HTTP. */
  List<Figure> run() throws IOException {
    Map<String, @Nullable Object> rooms =
        load("rooms", "--rooms=500", "--members=10", "--rate=1000", "--time=" + seconds());
    add("Price.rooms.delivery", "rooms=500,members=10,rate=1000", rooms, "us_per_delivery");
    add("Price.rooms.message", "rooms=500,members=10,rate=1000", rooms, "us_per_accepted");
    String herd = isQuick ? "500" : "10000";
    add(
        "Price.connect",
        "members=" + herd,
        load("connect", "--members=" + herd, "--time=1"),
        "us_per_connection");
    add(
        "Price.publish",
        "publishers=64",
        load("publish", "--time=" + seconds()),
        "us_per_accepted");
    add(
        "Price.http",
        "window=32",
        load("http", "--window=32", "--time=" + seconds()),
        "us_per_accepted");
    return figures;
  }

  private String seconds() {
    return isQuick ? "2" : "20";
  }

  /** The last phase of a run against a fresh server. */
  private Map<String, @Nullable Object> load(String scenario, String... options)
      throws IOException {
    Path result = Files.createTempFile("gochat-price", ".json");
    try {
      List<String> arguments = new ArrayList<>(List.of(scenario, "--own-server"));
      arguments.add("--json=" + result);
      arguments.addAll(List.of(options));
      out.println(
          "load " + String.join(" ", arguments.subList(0, 2)) + " " + String.join(" ", options));
      int status = new CommandLine(new LoadCommand())
          .setCaseInsensitiveEnumValuesAllowed(true)
          .execute(arguments.toArray(String[]::new));
      if (status != 0) {
        throw new IOException("load " + scenario + " ended with status " + status);
      }
      List<@Nullable Object> phases =
          Json.asList(Json.readObject(Files.readString(result)).get("phases"));
      return Json.asObject(phases.get(phases.size() - 1));
    } finally {
      Files.deleteIfExists(result);
    }
  }

  private void add(String name, String params, Map<String, @Nullable Object> phase, String figure) {
    double score = Json.number(phase, "server", figure);
    Map<String, @Nullable Object> spread =
        Json.asObject(Json.at(phase, "server", figure + "_spread"));
    double low = spread.isEmpty() ? score : Math.min(score, Json.number(spread, "low"));
    double high = spread.isEmpty() ? score : Math.max(score, Json.number(spread, "high"));
    figures.add(new Figure(name, params, score, low, high, "us/op", Double.NaN, Map.of()));
  }
}
