package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.contract.PositionStoreContract;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisPositionsTest extends PositionStoreContract {
  private final RedisOptions options = RedisOptions.of(SharedRedis.process().uri());
  private RedisStore store = SharedRedis.openEmpty(options);

  @Override
  protected PositionStore positions() {
    return store.positions();
  }

  @Override
  protected long epoch() {
    return store.log().epoch();
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

  @Test
  void made_up_devices_do_not_grow_without_bound() {
    for (int i = 1; i <= 400; i++) {
      positions().acknowledge(3, "device" + i, epoch(), i).join();
    }

    long fields = SharedRedis.process().ask(redis -> redis.hlen("gochat:{i:3}:p"));
    assertThat(fields).isEqualTo(257);
    assertThat(positions().acknowledged(3, "device400").join())
        .isEqualTo(new AcknowledgedPosition(epoch(), 400));
  }
}
