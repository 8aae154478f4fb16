package io.gochat.bench.redis;

import java.io.IOException;

/** A master and its replica, which change places when the master dies. Confined to one thread but for {@link #close}. */
final class RedisPair implements AutoCloseable {
  private volatile RedisInstance master;
  private volatile RedisInstance replica;

  RedisPair(RedisInstance master, RedisInstance replica) {
    this.master = master;
    this.replica = replica;
  }

  RedisInstance master() {
    return master;
  }

  RedisInstance replica() {
    return replica;
  }

  /** Waits until the replica follows its master: before that nothing can fail over to it. */
  void awaitReplica() throws IOException {
    RedisInstance follower = replica;
    RedisInstance.await(
        "a replica that follows", () -> follower.says("replication", "master_link_status:up"));
  }

  /** SIGKILL; returns when somebody has made the replica master. */
  void killMaster() throws IOException, InterruptedException {
    RedisInstance dead = master;
    RedisInstance heir = replica;
    dead.kill();
    master = heir;
    replica = dead;
    RedisInstance.await("a failover", () -> heir.says("replication", "role:master"));
  }

  /** The one that was killed comes back as the replica of the other. */
  void startOldAgain(String... settings) throws IOException {
    replica.startAgain(settings);
    awaitReplica();
  }

  @Override
  public void close() {
    master.close();
    replica.close();
  }
}
