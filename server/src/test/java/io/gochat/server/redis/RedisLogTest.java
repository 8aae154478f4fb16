package io.gochat.server.redis;

import io.gochat.server.contract.MessageLogContract;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Retention;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

class RedisLogTest extends MessageLogContract {
  private final RedisOptions options = RedisOptions.of(SharedRedis.process().uri())
      .withRetention(new Retention(RETAINED, Duration.ofDays(30)));
  private RedisStore store = SharedRedis.openEmpty(options);

  @Override
  protected MessageLog log() {
    return store.log();
  }

  @Override
  protected void reopen() {
    store.close();
    store = SharedRedis.open(options);
  }

  @AfterEach
  void close() {
    store.close();
  }
}
