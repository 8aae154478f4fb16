package io.gochat.bench.redis;

/** A Redis that a run starts for its nodes; nothing of it is kept. Confined to one thread but for {@link #close}. */
public sealed interface OwnRedis extends AutoCloseable
    permits OneRedis, SentinelRedis, ClusterRedis {
  /** What nodes are told. */
  String uri();

  /** Kills what runs. From any thread. */
  @Override
  void close();
}
