package io.gochat.server.config;

import io.gochat.server.embedded.Durability;
import io.gochat.server.redis.RedisDeployment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where data lives and how safe it is. Immutable.
 *
 * @param dataDir of the embedded store
 * @param durability of the embedded store
 * @param gather how long a commit waits for more while several are under way; zero: it does not
 * @param retentionCount messages kept per topic
 * @param retentionAge how long they are kept
 * @param inboxPerSender unacknowledged messages of one sender in one inbox; 0: any number
 * @param dedupeWindow how long a client message id is remembered
 * @param maxDiskBytes bound on the data directory; 0: none
 * @param minFreeDiskBytes what must stay free on the file system
 * @param redis where Redis is; empty: the embedded store
 * @param redisWait for whom publishes wait there
 * @param nodeId this node's name among others
 */
public record StoreConfig(
    Path dataDir,
    Durability durability,
    Duration gather,
    long retentionCount,
    Duration retentionAge,
    long inboxPerSender,
    Duration dedupeWindow,
    long maxDiskBytes,
    long minFreeDiskBytes,
    Optional<RedisDeployment> redis,
    RedisWait redisWait,
    String nodeId) {

  @Override
  public String toString() {
    return "StoreConfig[" + describe() + "]";
  }

  /** What the ready line says. */
  public String describe() {
    return redis.map(uri -> "redis " + uri).orElseGet(() -> "embedded " + dataDir);
  }
}
