package io.gochat.server.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.protocol.Message;
import io.gochat.server.account.Account;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import io.gochat.server.store.StoreImport.Answered;
import java.io.IOException;
import java.security.MessageDigest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Filling a cluster, whose keys are all over the place; the whole move is in {@code MigrateTest}. */
@Timeout(60)
class RedisImportTest {
  private static final long EPOCH = 42;
  private static final int ROOMS = 20;

  private final RedisClusterProcesses cluster = new RedisClusterProcesses(0);
  private final RedisOptions options = RedisOptions.of(cluster.uri());
  private final long nowMs = System.currentTimeMillis();

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void cluster_is_filled_and_until_then_no_node_starts_on_it() throws Exception {
    try (RedisImport to = RedisImport.begin(options, nowMs)) {
      fill(to);
      assertThatThrownBy(() -> SharedRedis.open(options)).hasMessageContaining("migrate");
      to.finish();
    }

    try (RedisStore store = SharedRedis.open(options)) {
      assertThat(store.log().epoch()).isEqualTo(EPOCH);
      assertThat(store.accounts().findByKey("zoe").join()).isPresent();
      assertThat(store.accounts().findById(3).join()).isPresent();
      assertThat(store.sessions().find("s").join()).isPresent();
      assertThat(store.sessions().find("old").join()).isEmpty();
      assertThat(store.positions().acknowledged(3, "phone").join())
          .isEqualTo(new AcknowledgedPosition(EPOCH, 5));
      assertThat(store.positions().acknowledged(3, "new").join())
          .as("the highest that counts in this epoch")
          .isEqualTo(new AcknowledgedPosition(EPOCH, 7));
      for (int room = 1; room <= ROOMS; room++) {
        LogSlice slice = store.log().read(Topic.room(room), 1, 10, 1 << 20).join();
        assertThat(slice.messages().stream().map(LoggedMessage::messageId))
            .containsExactly(room * 10L, room * 10L + 1);
        assertThat(publish(store, room, "key", "hello").messageId()).isEqualTo(room * 10L + 1);
        Accepted fresh = publish(store, room, "other", "hello");
        assertThat(fresh.duplicate()).isFalse();
        assertThat(fresh.seq()).isEqualTo(3);
        assertThat(fresh.messageId()).isGreaterThan(1_000);
      }
    }
    assertThatThrownBy(() -> RedisImport.begin(options, nowMs)).isInstanceOf(IOException.class);
  }

  private void fill(RedisImport to) throws Exception {
    to.counters(EPOCH, 1_000, 3);
    to.account(new Account(3, "Zoe", "hash"), "zoe");
    to.session(new Session("s", 3, "Zoe", nowMs + 60_000));
    to.session(new Session("old", 3, "Zoe", nowMs - 1));
    for (int room = 1; room <= ROOMS; room++) {
      Topic topic = Topic.room(room);
      to.topic(topic, 2);
      to.message(topic, message(1, room * 10L), nowMs);
      to.message(topic, message(2, room * 10L + 1), nowMs);
      byte[] text = MessageDigest.getInstance("SHA-256").digest("hello".getBytes(UTF_8));
      to.answered(new Answered(3, topic, "key", room * 10L + 1, 2, nowMs, text));
    }
    to.position(3, "old", new AcknowledgedPosition(EPOCH - 1, 99));
    to.position(3, "phone", new AcknowledgedPosition(EPOCH, 5));
    to.position(3, "tablet", new AcknowledgedPosition(EPOCH, 7));
  }

  private static LoggedMessage message(long seq, long id) {
    Message message =
        Message.newBuilder().setSeq(seq).setMessageId(id).setText("hello").build();
    return new LoggedMessage(seq, id, message.toByteArray());
  }

  private static Accepted publish(RedisStore store, long room, String key, String text) {
    return (Accepted) store
        .log()
        .publish(new Publication(Topic.room(room), 3, "Zoe", "", text, key))
        .join();
  }
}
