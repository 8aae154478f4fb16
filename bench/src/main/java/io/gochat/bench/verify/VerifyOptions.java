package io.gochat.bench.verify;

import io.gochat.bench.api.HostAndPort;
import io.gochat.bench.common.DurationConverter;
import io.gochat.bench.common.TlsOption;
import io.gochat.bench.redis.OneRedis;
import io.gochat.bench.websocket.ViaOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags that both scenarios of {@code verify} share. Filled by picocli, then only read. */
final class VerifyOptions {
  @Option(
      names = "--attach",
      paramLabel = "HOST:PORT",
      converter = HostAndPort.Converter.class,
      description = "Use this running server and never kill or pause it. Default: start one.")
  @Nullable
  HostAndPort attach;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "60s",
      converter = DurationConverter.class,
      description =
          "How long to publish and inject faults: 500ms, 60s, 5m. Default: ${DEFAULT-VALUE}.")
  Duration duration = Duration.ofSeconds(60);

  @Option(
      names = "--seed",
      description =
          "Makes the order of the faults the same again. Default: a new one, which is printed.")
  @Nullable
  Long seed;

  Set<FaultKind> faults = FaultKind.parse("all");

  @Option(
      names = "--publishers",
      defaultValue = "6",
      description =
          "How many publishers; half of them over HTTP, half over frames. Default: ${DEFAULT-VALUE}.")
  int publishers = 6;

  @Option(
      names = "--receivers",
      defaultValue = "6",
      description = "How many receivers; two devices per user. Default: ${DEFAULT-VALUE}.")
  int receivers = 6;

  @Option(
      names = "--rooms",
      defaultValue = "2",
      description = "How many rooms; every receiver joins them all. Default: ${DEFAULT-VALUE}.")
  int rooms = 2;

  @Option(
      names = "--rate",
      defaultValue = "50",
      description = "Values per second of each publisher, on average; 0: as fast as answers come. "
          + "Default: ${DEFAULT-VALUE}.")
  int rate = 50;

  @Option(
      names = "--durability",
      defaultValue = "fsync",
      description = "fsync or async, for the server that is started. Default: ${DEFAULT-VALUE}.")
  String durability = "fsync";

  @Option(
      names = "--nodes",
      defaultValue = "1",
      description =
          "How many nodes to start; more than one need --redis. Default: ${DEFAULT-VALUE}.")
  int nodes = 1;

  @Option(
      names = "--redis",
      paramLabel = "URI",
      description =
          "Let the nodes share this Redis; auto, auto-sentinel, auto-cluster: start one for it, or a master with a"
              + " replica and a sentinel, or a cluster of six. Default: the embedded store.")
  @Nullable
  String redis;

  @Mixin
  ViaOption way = new ViaOption();

  @Mixin
  TlsOption tls = new TlsOption();

  @Option(
      names = "--keep-dir",
      paramLabel = "DIR",
      description =
          "Keep the server's data and output here. Default: a temporary directory, removed after a pass.")
  @Nullable
  Path keepDir;

  @Option(
      names = "--server-jar",
      paramLabel = "JAR[,JAR]",
      split = ",",
      description =
          "The server to start; of several, each node takes the next, so that releases are up side by side. "
              + "Default: server/target/gochat-server.jar of this working copy.")
  List<Path> serverJars = List.of();

  @Option(
      names = "--json",
      description = "Print the verdict as JSON, and nothing else, to standard output.")
  boolean json;

  // Which Redis is started for --redis=auto; no flag sets it.
  String redisServer = OneRedis.executable();

  // How a test starts a server that breaks its promises; no flag sets it.
  List<String> serverCommand = List.of();

  @Option(
      names = "--faults",
      paramLabel = "LIST",
      defaultValue = "all",
      description =
          "Comma-separated: all, none, kill, pause, clock-forward, clock-back, past-restart, "
              + "cut-before, cut-answer, cut-middle, cut-after, stall, restart; with --redis=auto also redis-restart, "
              + "drop-notifications, redis-loss, redis-pause, redis-full; with auto-sentinel redis-failover; with "
              + "auto-cluster redis-master-kill. "
              + "Default: ${DEFAULT-VALUE}.")
  void faults(String list) {
    this.faults = FaultKind.parse(list);
  }

  /** The faults that can be injected into what is tested. */
  Set<FaultKind> effectiveFaults() {
    Set<FaultKind> effective = FaultKind.parse("none");
    for (FaultKind kind : faults) {
      boolean possible = kind.onRedis()
          ? attach == null && redis != null && kind.onRedis(redis)
          : attach == null || !kind.onServer();
      if (possible) {
        effective.add(kind);
      }
    }
    return effective;
  }
}
