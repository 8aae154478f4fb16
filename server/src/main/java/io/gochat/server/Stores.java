package io.gochat.server;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.config.MemoryPlan;
import io.gochat.server.config.StoreConfig;
import io.gochat.server.embedded.Durability;
import io.gochat.server.embedded.EmbeddedOptions;
import io.gochat.server.embedded.EmbeddedStore;
import io.gochat.server.embedded.StoreBounds;
import io.gochat.server.embedded.StoreOpenException;
import io.gochat.server.messaging.Retention;
import io.gochat.server.redis.RedisDeployment;
import io.gochat.server.redis.RedisOpenException;
import io.gochat.server.redis.RedisOptions;
import io.gochat.server.redis.RedisStore;
import io.gochat.server.store.Store;
import io.micrometer.core.instrument.MeterRegistry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the store that the configuration asks for. Stateless. */
final class Stores {
  private static final Logger log = LoggerFactory.getLogger(Stores.class);

  private Stores() {}

  /** {@code died} is run when the store ends by itself. */
  static Store open(
      StoreConfig config,
      MemoryPlan memory,
      GuardedClock clock,
      MeterRegistry meters,
      Runnable died)
      throws StartException {
    return config.redis().isPresent()
        ? redis(config.redis().get(), config, memory, clock, meters, died)
        : embedded(config, memory, clock, meters, died);
  }

  private static Store redis(
      RedisDeployment deployment,
      StoreConfig config,
      MemoryPlan memory,
      GuardedClock clock,
      MeterRegistry meters,
      Runnable died)
      throws StartException {
    try {
      return RedisStore.open(
          RedisOptions.at(deployment)
              .withRetention(retention(config))
              .withDedupeWindow(config.dedupeWindow())
              .withNodeId(config.nodeId())
              .withQueuedBytes(memory.writeQueueBytes())
              .withWait(config.redisWait().replicas(), config.redisWait().within()),
          clock,
          meters,
          died);
    } catch (RedisOpenException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Store embedded(
      StoreConfig config,
      MemoryPlan memory,
      GuardedClock clock,
      MeterRegistry meters,
      Runnable died)
      throws StartException {
    MovedData.refuse(config.dataDir());
    if (config.durability() == Durability.ASYNC) {
      log.warn(
          "a crash of the machine loses what was answered just before it (--durability=async)");
    }
    try {
      return EmbeddedStore.open(options(config, memory), clock, meters, died);
    } catch (StoreOpenException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private static Retention retention(StoreConfig config) {
    return new Retention(config.retentionCount(), config.retentionAge(), config.inboxPerSender());
  }

  private static EmbeddedOptions options(StoreConfig config, MemoryPlan memory) {
    return new EmbeddedOptions(
        config.dataDir(),
        config.durability(),
        config.gather(),
        retention(config),
        config.dedupeWindow(),
        StoreBounds.DEFAULT
            .withQueue(StoreBounds.DEFAULT.queuedWrites(), memory.writeQueueBytes())
            .withMemoryBytes(memory.storeBytes())
            .withMaxDiskBytes(config.maxDiskBytes())
            .withMinFreeBytes(config.minFreeDiskBytes()));
  }
}
