package io.gochat.bench.verify;

import io.gochat.bench.redis.ClusterRedis;
import io.gochat.bench.redis.OneRedis;
import io.gochat.bench.redis.OneRedis.Stretch;
import io.gochat.bench.redis.OwnRedis;
import io.gochat.bench.redis.SentinelRedis;
import io.gochat.bench.verify.FaultSchedule.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The Redis that a run has started for its nodes, and what is done to it. The faults are confined to one lane's thread;
 * the counters may be read from any, and {@link #close} called from any.
 */
final class RedisFaults implements AutoCloseable {
  private final OwnRedis redis;
  private final Map<FaultKind, AtomicLong> fired = new EnumMap<>(FaultKind.class);
  private final List<Stretch> losses = new CopyOnWriteArrayList<>();

  private RedisFaults(OwnRedis redis) {
    this.redis = redis;
    for (FaultKind kind : FaultKind.values()) {
      fired.put(kind, new AtomicLong());
    }
  }

  /** Whether this value of {@code --redis} asks for one that is started. */
  static boolean isOwn(String uri) {
    return uri.equals(OwnRedis.ONE)
        || uri.equals(OwnRedis.SENTINEL)
        || uri.equals(OwnRedis.CLUSTER);
  }

  /** Starts what the value asks for, below {@code dir}. */
  static RedisFaults start(String uri, String executable, Path dir) throws IOException {
    return new RedisFaults(
        switch (uri) {
          case OwnRedis.SENTINEL -> SentinelRedis.start(executable, dir);
          case OwnRedis.CLUSTER -> ClusterRedis.start(executable, dir);
          default -> OneRedis.start(executable, dir);
        });
  }

  /** The flags of a node. */
  String[] flags() {
    // Without the wait a failover may lose what was acknowledged, and nobody could say what.
    return redis instanceof OneRedis
        ? new String[] {"--redis", redis.uri()}
        : new String[] {"--redis", redis.uri(), "--redis-wait", "1"};
  }

  /** Does what the step says; returns when Redis is as before, or as it stays. */
  void inject(Step step) throws IOException, InterruptedException {
    long times = 1;
    if (redis instanceof SentinelRedis watched) {
      watched.failOver();
    } else if (redis instanceof ClusterRedis cluster) {
      cluster.killMaster(step.target());
    } else if (redis instanceof OneRedis one) {
      times = injectInto(one, step);
    }
    counter(step.kind()).addAndGet(times);
  }

  private long injectInto(OneRedis one, Step step) throws IOException, InterruptedException {
    switch (step.kind()) {
      case DROP_NOTIFICATIONS -> {
        return one.dropNotifications();
      }
      case REDIS_LOSS -> losses.add(one.lose(step.lasting(100, 1_500)));
      case REDIS_PAUSE -> one.pause(step.lasting(300, 3_000));
      case REDIS_FULL -> one.fill(step.lasting(300, 2_000));
      default -> one.killAndRestart(step.lasting(0, 1_500));
    }
    return 1;
  }

  /** When something that was acknowledged may have been lost. */
  List<Stretch> losses() {
    return losses;
  }

  /** How often it happened. */
  long fired(FaultKind kind) {
    return counter(kind).get();
  }

  private AtomicLong counter(FaultKind kind) {
    return fired.getOrDefault(kind, new AtomicLong());
  }

  @Override
  public void close() {
    redis.close();
  }
}
