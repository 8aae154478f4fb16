package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.contract.InboxContract;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.PositionStore;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Retention;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisInboxTest extends InboxContract {
  private final RedisOptions options = RedisOptions.of(SharedRedis.process().uri());
  private RedisStore store = SharedRedis.openEmpty(options);

  @Override
  protected void open(Retention retention) {
    store.close();
    store = SharedRedis.open(options.withRetention(retention));
  }

  @Override
  protected MessageLog log() {
    return store.log();
  }

  @Override
  protected PositionStore positions() {
    return store.positions();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void counts_of_senders_exist_only_while_much_is_unread() {
    open(new Retention(1_000, LONG, 80));
    publish(FRIEND, 5);
    assertThat(counts()).isZero();
    publish(STRANGER, 10);
    assertThat(counts()).isEqualTo(2);

    acknowledge(12);
    publish(FRIEND, 1);

    assertThat(counts()).isZero();
  }

  @Test
  void both_nodes_count_the_same_messages() {
    open(new Retention(1_000, LONG, 10));
    publish(STRANGER, 6);
    RedisStore near = store;
    RedisStore far = SharedRedis.open(options.withRetention(new Retention(1_000, LONG, 10)));
    try {
      store = far;
      assertThat(accepted(publish(STRANGER, 6))).isEqualTo(4);
    } finally {
      store = near;
      far.close();
    }
  }

  @Test
  void thousands_of_senders_are_not_all_remembered() {
    open(new Retention(10_000, LONG, 8));
    for (long sender = 100; sender < 1_400; sender++) {
      assertThat(publish(sender, "text", null, false)).isInstanceOf(Accepted.class);
    }

    assertThat(accepted(publish(STRANGER, 20))).isEqualTo(8);
    assertThat(counts()).isLessThanOrEqualTo(1_025);
  }

  private static long counts() {
    return SharedRedis.process().ask(redis -> redis.hlen("gochat:{i:7}:n"));
  }
}
