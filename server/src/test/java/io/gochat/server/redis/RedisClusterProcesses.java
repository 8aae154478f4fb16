package io.gochat.server.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** A real cluster of three masters, and as many replicas as asked for. Confined to the test's thread. */
final class RedisClusterProcesses implements AutoCloseable {
  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;

  private final List<RedisProcess> nodes = new ArrayList<>();

  RedisClusterProcesses(int replicas) {
    for (int i = 0; i < MASTERS + replicas; i++) {
      nodes.add(RedisProcess.start("--cluster-enabled", "yes", "--cluster-node-timeout", "1500"));
    }
    for (int i = 1; i < nodes.size(); i++) {
      int port = nodes.get(i).port();
      nodes.get(0).ask(redis -> redis.clusterMeet("127.0.0.1", port));
    }
    for (int i = 0; i < MASTERS; i++) {
      int from = SLOTS * i / MASTERS;
      int[] slots = new int[SLOTS * (i + 1) / MASTERS - from];
      for (int slot = 0; slot < slots.length; slot++) {
        slots[slot] = from + slot;
      }
      nodes.get(i).ask(redis -> redis.clusterAddSlots(slots));
    }
    awaitAll("cluster_known_nodes:" + nodes.size());
    for (int i = MASTERS; i < nodes.size(); i++) {
      String master = nodes.get(i - MASTERS).ask(redis -> redis.clusterMyId());
      nodes.get(i).ask(redis -> redis.clusterReplicate(master));
    }
    awaitAll("cluster_state:ok");
    // A replica that never had its master's data cannot follow it.
    for (RedisProcess replica : nodes.subList(MASTERS, nodes.size())) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() ->
              replica.ask(redis -> redis.info("replication")).contains("master_link_status:up"));
    }
  }

  RedisProcess node(int index) {
    return nodes.get(index);
  }

  /** Two of its nodes, as an operator would write them. */
  String uri() {
    return "redis://127.0.0.1:" + nodes.get(1).port() + ",127.0.0.1:"
        + nodes.get(0).port();
  }

  private void awaitAll(String line) {
    for (RedisProcess node : nodes) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> node.ask(redis -> redis.clusterInfo()).contains(line));
    }
  }

  @Override
  public void close() {
    nodes.forEach(RedisProcess::close);
  }
}
