package io.gochat.bench.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A cluster of three masters with a replica each. Confined to one thread but for {@link #close}. */
public final class ClusterRedis implements OwnRedis {
  private static final int MASTERS = 3;
  private static final int SLOTS = 16_384;

  private final List<RedisInstance> all = new ArrayList<>();
  private final List<RedisPair> pairs = new ArrayList<>();

  private ClusterRedis() {}

  /** Starts all six below {@code dir}; returns when each slot has a master and a replica. */
  public static ClusterRedis start(String executable, Path dir) throws IOException {
    ClusterRedis cluster = new ClusterRedis();
    try {
      for (int i = 0; i < 2 * MASTERS; i++) {
        cluster.all.add(RedisInstance.start(
            executable,
            dir.resolve("redis-" + i),
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "1500"));
      }
      cluster.join();
      return cluster;
    } catch (IOException e) {
      cluster.close();
      throw e;
    }
  }

  private void join() throws IOException {
    for (RedisInstance other : all.subList(1, all.size())) {
      all.get(0).ask(redis -> redis.clusterMeet("127.0.0.1", other.port()));
    }
    for (int i = 0; i < MASTERS; i++) {
      int[] slots = slotsOf(i);
      all.get(i).ask(redis -> redis.clusterAddSlots(slots));
    }
    for (RedisInstance each : all) {
      awaitInfo(each, "cluster_known_nodes:" + all.size());
    }
    for (int i = 0; i < MASTERS; i++) {
      RedisPair pair = new RedisPair(all.get(i), all.get(MASTERS + i));
      pairs.add(pair);
      String master = pair.master().ask(redis -> redis.clusterMyId());
      pair.replica().ask(redis -> redis.clusterReplicate(master));
    }
    for (RedisPair pair : pairs) {
      pair.awaitReplica();
      awaitInfo(pair.master(), "cluster_state:ok");
    }
  }

  private static int[] slotsOf(int master) {
    int from = SLOTS * master / MASTERS;
    int[] slots = new int[SLOTS * (master + 1) / MASTERS - from];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = from + i;
    }
    return slots;
  }

  private static void awaitInfo(RedisInstance redis, String line) throws IOException {
    RedisInstance.await(
        line, () -> redis.ask(each -> each.clusterInfo()).lines().anyMatch(line::equals));
  }

  @Override
  public String uri() {
    return "redis://127.0.0.1:" + all.get(1).port() + ",127.0.0.1:" + all.get(0).port();
  }

  /** SIGKILL of one master; returns when its replica has its slots, and it follows that one. */
  public void killMaster(int choice) throws IOException, InterruptedException {
    RedisPair pair = pairs.get(Math.floorMod(choice, MASTERS));
    pair.killMaster();
    awaitInfo(pair.master(), "cluster_state:ok");
    pair.startOldAgain();
  }

  @Override
  public void close() {
    all.forEach(RedisInstance::close);
  }
}
