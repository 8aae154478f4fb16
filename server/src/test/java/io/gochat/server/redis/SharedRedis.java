package io.gochat.server.redis;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;

/** One Redis for all contract tests of a JVM, emptied before each of them. Confined to the test thread. */
final class SharedRedis {
  private static final RedisProcess REDIS = start();

  private SharedRedis() {}

  private static RedisProcess start() {
    RedisProcess redis = RedisProcess.start();
    Runtime.getRuntime().addShutdownHook(new Thread(redis::close));
    return redis;
  }

  static RedisProcess process() {
    return REDIS;
  }

  static RedisStore openEmpty() {
    return openEmpty(RedisOptions.of(REDIS.uri()));
  }

  static RedisStore openEmpty(RedisOptions options) {
    REDIS.ask(redis -> redis.flushall());
    return open(options);
  }

  static RedisStore open(RedisOptions options) {
    return open(options, InstantSource.system());
  }

  static RedisStore open(RedisOptions options, InstantSource clock) {
    try {
      return RedisStore.open(options, clock, new SimpleMeterRegistry(), () -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
