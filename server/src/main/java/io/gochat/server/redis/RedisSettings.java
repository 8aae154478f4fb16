package io.gochat.server.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.HashMap;
import java.util.Map;

/**
 * What Redis says of itself, and what that means for what we promise. Immutable.
 *
 * @param version such as 7.0.15
 * @param isCluster whether it is a node of a cluster
 * @param appendonly {@code yes}, {@code no}
 * @param appendfsync {@code always}, {@code everysec}, {@code no}; empty: not known
 * @param maxmemoryPolicy what it drops when it is full
 * @param minReplicas {@code min-replicas-to-write}; empty: not known
 */
record RedisSettings(
    String version,
    boolean isCluster,
    String appendonly,
    String appendfsync,
    String maxmemoryPolicy,
    String minReplicas) {

  static RedisSettings read(RedisCommands<String, String> redis) {
    Map<String, String> info = parse(redis.info());
    Map<String, String> config = new HashMap<>();
    for (String name :
        new String[] {"appendonly", "appendfsync", "maxmemory-policy", "min-replicas-to-write"}) {
      try {
        config.putAll(redis.configGet(name));
      } catch (RedisCommandExecutionException e) {
        // Hosted ones often forbid CONFIG; INFO tells most of it.
        config.put(name, "");
      }
    }
    String aof = "1".equals(info.get("aof_enabled")) ? "yes" : "no";
    return new RedisSettings(
        info.getOrDefault("redis_version", "0"),
        "1".equals(info.get("cluster_enabled")),
        orElse(config, "appendonly", aof),
        orElse(config, "appendfsync", ""),
        orElse(config, "maxmemory-policy", info.getOrDefault("maxmemory_policy", "")),
        orElse(config, "min-replicas-to-write", ""));
  }

  /** Refuses what would make our promises untrue. */
  void check() throws RedisOpenException {
    if (!maxmemoryPolicy.isEmpty() && !maxmemoryPolicy.equals("noeviction")) {
      throw new RedisOpenException(
          "Redis drops keys when it is full (maxmemory-policy " + maxmemoryPolicy
              + "), which would lose messages without a word; set maxmemory-policy noeviction");
    }
    if (major() < 6 || (major() == 6 && version.startsWith("6.0"))) {
      throw new RedisOpenException("Redis " + version + " is too old; 6.2 or later is needed");
    }
  }

  /** Sharded notifications came with Redis 7. */
  boolean isSharded() {
    return major() >= 7;
  }

  /** Whether a restart, planned or not, loses what was answered with success. */
  boolean losesAtRestart() {
    return !appendonly.equals("yes");
  }

  /** For the operator: what an answered publish survives. */
  String durability(int waitForReplicas) {
    String disk;
    if (losesAtRestart()) {
      disk =
          "a restart loses what came after its last snapshot (appendonly no); set appendonly yes";
    } else {
      disk = switch (appendfsync) {
        case "always" -> "every answered publish is on its disk (appendfsync always)";
        case "everysec" ->
          "a crash of it or its machine loses a second or two (appendfsync everysec)";
        case "no" ->
          "a crash of its machine loses what the kernel had not written (appendfsync no)";
        default -> "it writes an append-only file, how often it syncs is not known";
      };
    }
    String failover = waitForReplicas > 0
        ? "a publish is answered when " + waitForReplicas + " replicas have it"
        : "a failover may lose what replicas had not received";
    return "Redis " + version + (isCluster ? " cluster" : "") + ": " + disk + "; " + failover
        + (minReplicas.isEmpty() || minReplicas.equals("0")
            ? ""
            : "; it refuses writes with fewer than " + minReplicas + " replicas");
  }

  private int major() {
    int dot = version.indexOf('.');
    try {
      return Integer.parseInt(dot < 0 ? version : version.substring(0, dot));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static String orElse(Map<String, String> config, String name, String otherwise) {
    String value = config.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : value;
  }

  private static Map<String, String> parse(String info) {
    Map<String, String> values = new HashMap<>();
    for (String line : info.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        values.put(line.substring(0, colon), line.substring(colon + 1).trim());
      }
    }
    return values;
  }
}
