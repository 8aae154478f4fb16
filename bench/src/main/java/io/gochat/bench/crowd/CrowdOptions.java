package io.gochat.bench.crowd;

import io.gochat.bench.websocket.ViaOption;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a crowd is played. Set by picocli, then read only. */
final class CrowdOptions {
  @Option(
      names = "--scale",
      paramLabel = "X",
      defaultValue = "1",
      description = "so much of each crowd, 0.001 to 1 (${DEFAULT-VALUE})")
  double scale = 1;

  @Option(
      names = "--calm",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = "measured without the crowd, before it and after it (${DEFAULT-VALUE})")
  double calmSeconds = 5;

  @Option(
      names = "--hold",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description = "measured while the crowd stands (${DEFAULT-VALUE})")
  double holdSeconds = 15;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      defaultValue = "240",
      description = "within which a crowd that reads must have everything (${DEFAULT-VALUE})")
  double patienceSeconds = 240;

  @Option(
      names = "--p99",
      paramLabel = "MS",
      defaultValue = "250",
      description = "what a publish and a delivery may take beside the crowd (${DEFAULT-VALUE})")
  double p99Ms = 250;

  @Option(
      names = "--p99-connecting",
      paramLabel = "MS",
      defaultValue = "1000",
      description = "the same while the crowd connects; and a login (${DEFAULT-VALUE})")
  double connectingMs = 1_000;

  @Option(
      names = "--jvm",
      paramLabel = "OPTION",
      description = "for the server's JVM, beside the -Xmx of the row; repeatable (--jvm=-Xmx1g)")
  List<String> jvm = List.of();

  @Option(
      names = "--server-flag",
      paramLabel = "FLAG",
      description = "for the server; repeatable (--server-flag=--event-loops=1)")
  List<String> serverFlags = List.of();

  @Mixin
  ViaOption way = new ViaOption();

  @Option(names = "--tls", description = "the crowd speaks TLS")
  boolean tls;

  /** How many of {@code full}. */
  int scaled(int full) {
    return (int) Math.max(1, Math.round(full * scale));
  }
}
