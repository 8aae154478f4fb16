package io.gochat.server.config;

import io.gochat.server.embedded.Durability;
import io.gochat.server.redis.RedisDeployment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags about where data lives. Filled by picocli, then read once. */
final class StoreFlags {
  private static final Duration LONGEST_GATHER = Duration.ofMillis(100);

  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "./data",
      description = "Directory of the embedded store; made when missing.")
  private Path dataDir = Path.of("data");

  @Option(
      names = "--durability",
      paramLabel = "MODE",
      defaultValue = "fsync",
      description =
          "fsync: accepted means on disk. async: a power cut may lose the last moments, a crash of"
              + " the process nothing.")
  private Durability durability = Durability.FSYNC;

  @Option(
      names = "--gather",
      paramLabel = "TIME",
      defaultValue = "0",
      converter = Quantity.OfTime.class,
      description =
          "While several publishes are under way at once, wait so long (to 100ms) for more before they are written and"
              + " synced together: less CPU for each, and later answers. A publisher alone never waits. 0: off.")
  private Duration gather = Duration.ZERO;

  @Option(
      names = "--retention-count",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Messages kept per room and per inbox.")
  private long retentionCount;

  @Option(
      names = "--retention-age",
      paramLabel = "TIME",
      defaultValue = "30d",
      converter = Quantity.OfTime.class,
      description = "How long messages are kept.")
  private Duration retentionAge = Duration.ZERO;

  @Option(
      names = "--inbox-per-sender",
      paramLabel = "N",
      defaultValue = "10000",
      description =
          "Messages of one sender that may lie unacknowledged in one inbox (in one process, counted since its start);"
              + " further ones are refused (too_many). 0: any number.")
  private long inboxPerSender;

  @Option(
      names = "--dedupe-window",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = Quantity.OfTime.class,
      description = "How long a client_message_id is remembered.")
  private Duration dedupeWindow = Duration.ZERO;

  @Option(
      names = "--max-disk",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = Quantity.OfBytes.class,
      description =
          "Publishes are refused when the data directory is this large. 0: only the disk bounds it."
              + FlagDefaults.RELOADED)
  private long maxDisk;

  @Option(
      names = "--min-free-disk",
      paramLabel = "SIZE",
      defaultValue = "256MB",
      converter = Quantity.OfBytes.class,
      description =
          "Publishes are refused when less is free on the file system of the data directory."
              + FlagDefaults.RELOADED)
  private long minFreeDisk;

  @Mixin
  private final RedisFlags redis = new RedisFlags();

  @Option(
      names = "--redis-wait",
      paramLabel = "N[/TIME]",
      defaultValue = "0",
      converter = RedisWait.OfText.class,
      description =
          "Answer a publish when so many replicas of Redis have it, or refuse it as of unknown outcome after"
              + " TIME (1s). 0: do not wait.")
  private RedisWait redisWait = RedisWait.NONE;

  @Option(
      names = "--node-id",
      paramLabel = "NAME",
      description =
          "This node's name, different on every node. By default made from the host's name.")
  private @Nullable String nodeId;

  StoreConfig config() {
    Optional<RedisDeployment> deployment = redis.deployment();
    return new StoreConfig(
        dataDir,
        durability,
        checkedGather(deployment.isPresent()),
        Check.atLeast("--retention-count", retentionCount, 1),
        Check.atLeast("--retention-age", retentionAge, Duration.ofMillis(1)),
        Check.atLeast("--inbox-per-sender", inboxPerSender, 0),
        Check.atLeast("--dedupe-window", dedupeWindow, Duration.ofMillis(1)),
        Check.atLeast("--max-disk", maxDisk, 0),
        Check.atLeast("--min-free-disk", minFreeDisk, 0),
        deployment,
        checkedWait(deployment.isPresent()),
        checkedNodeId());
  }

  private Duration checkedGather(boolean isOnRedis) {
    if (gather.compareTo(LONGEST_GATHER) > 0) {
      throw new ConfigException("--gather must be at most 100ms.");
    }
    if (isOnRedis && !gather.isZero()) {
      throw new ConfigException(
          "--gather is for the embedded store; on Redis calls gather by themselves.");
    }
    return gather;
  }

  private RedisWait checkedWait(boolean isOnRedis) {
    if (!isOnRedis && redisWait.replicas() > 0) {
      throw new ConfigException("--redis-wait needs --redis.");
    }
    return redisWait;
  }

  private String checkedNodeId() {
    String name = nodeId == null ? NodeNames.ofThisHost() : nodeId;
    if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
      throw new ConfigException(
          "--node-id must be 1 to 64 letters, digits, dots, dashes or underscores.");
    }
    return name;
  }
}
