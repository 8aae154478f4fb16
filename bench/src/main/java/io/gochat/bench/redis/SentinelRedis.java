package io.gochat.bench.redis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A master, its replica, and a sentinel that makes one the other. Confined to one thread but for {@link #close}. */
public final class SentinelRedis implements OwnRedis {
  private static final String NAME = "chat";

  private final RedisPair pair;
  private final Process sentinel;
  private final int port;

  private SentinelRedis(RedisPair pair, Process sentinel, int port) {
    this.pair = pair;
    this.sentinel = sentinel;
    this.port = port;
  }

  /** Starts all three below {@code dir}; returns when the replica follows and the sentinel knows it. */
  public static SentinelRedis start(String executable, Path dir) throws IOException {
    RedisInstance master = RedisInstance.start(executable, dir.resolve("redis-a"));
    RedisInstance replica = null;
    try {
      replica = RedisInstance.start(
          executable,
          dir.resolve("redis-b"),
          "--replicaof",
          "127.0.0.1",
          Integer.toString(master.port()));
      RedisPair pair = new RedisPair(master, replica);
      pair.awaitReplica();
      return watched(executable, dir, pair);
    } catch (IOException e) {
      master.close();
      if (replica != null) {
        replica.close();
      }
      throw e;
    }
  }

  private static SentinelRedis watched(String executable, Path dir, RedisPair pair)
      throws IOException {
    int port = RedisInstance.freePort();
    Path home = Files.createDirectories(dir.resolve("sentinel"));
    Path file = home.resolve("sentinel.conf");
    Files.writeString(file, """
        port %d
        bind 127.0.0.1
        dir %s
        sentinel monitor %s 127.0.0.1 %d 1
        sentinel down-after-milliseconds %s 500
        sentinel failover-timeout %s 2000
        """.formatted(port, home, NAME, pair.master().port(), NAME, NAME));
    Process sentinel = new ProcessBuilder(executable, file.toString(), "--sentinel")
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve("sentinel.log").toFile())
        .start();
    SentinelRedis redis = new SentinelRedis(pair, sentinel, port);
    try {
      // What it finds out it writes into its file.
      RedisInstance.await("a sentinel that knows the replica", () -> knowsReplica(file));
    } catch (IOException e) {
      redis.close();
      throw e;
    }
    return redis;
  }

  private static boolean knowsReplica(Path file) {
    try {
      return Files.readString(file).contains("known-replica");
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String uri() {
    return "redis-sentinel://127.0.0.1:" + port + "/0#" + NAME;
  }

  /** SIGKILL of the master; returns when the other one is it, and the old one follows it. */
  public void failOver() throws IOException, InterruptedException {
    pair.killMaster();
    pair.startOldAgain(
        "--replicaof", "127.0.0.1", Integer.toString(pair.master().port()));
  }

  @Override
  public void close() {
    sentinel.destroyForcibly();
    try {
      sentinel.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pair.close();
  }
}
