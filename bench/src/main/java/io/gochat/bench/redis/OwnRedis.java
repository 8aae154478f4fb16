package io.gochat.bench.redis;

/** A Redis that a run starts for its nodes; nothing of it is kept. Confined to one thread but for {@link #close}. */
public interface OwnRedis extends AutoCloseable {
  /** The value of {@code --redis} for which a run starts one Redis. */
  String ONE = "auto";

  /** The same for a master with a replica, and a sentinel. */
  String SENTINEL = "auto-sentinel";

  /** The same for a cluster. */
  String CLUSTER = "auto-cluster";

  /** What nodes are told. */
  String uri();

  /** Kills what runs. From any thread. */
  @Override
  void close();
}
