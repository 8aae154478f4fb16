package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.account.Account;
import io.gochat.server.contract.RecordingListener;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two deployments on one Redis, apart by database or by prefix. */
@Timeout(60)
class DeploymentsOnOneRedisTest {
  private static final Topic ROOM = Topic.room(7);

  private final List<RedisStore> opened = new ArrayList<>();

  @BeforeEach
  void empty() {
    SharedRedis.process().ask(redis -> redis.flushall());
  }

  @AfterEach
  void close() {
    opened.forEach(RedisStore::close);
  }

  @ParameterizedTest
  @CsvSource({"/0, gochat:, /1, gochat:", "/0, gochat:, /0, other:"})
  void deployments_never_hear_of_each_other(
      String oneDatabase, String onePrefix, String otherDatabase, String otherPrefix) {
    RedisStore one = open(oneDatabase, onePrefix);
    RedisStore other = open(otherDatabase, otherPrefix);
    RecordingListener oneEar = listen(one);
    RecordingListener otherEar = listen(other);

    publish(one, "one");
    publish(one, "two");
    publish(other, "another one");
    Account alice = one.accounts().create("alice", "alice", "hash").join().orElseThrow();
    Account mallory = other.accounts().create("alice", "alice", "hash").join().orElseThrow();

    await().atMost(Duration.ofSeconds(30)).until(() -> oneEar.end(ROOM) == 2);
    await().atMost(Duration.ofSeconds(30)).until(() -> otherEar.end(ROOM) == 1);
    assertThat(oneEar.problems()).isEmpty();
    assertThat(otherEar.problems()).isEmpty();
    assertThat(oneEar.epochs()).isEmpty();
    assertThat(otherEar.epochs()).isEmpty();
    assertThat(alice.username()).isEqualTo(mallory.username());
    assertThat(other.log().state(ROOM, 0).join().lastSeq()).isEqualTo(1);
  }

  private RedisStore open(String database, String prefix) {
    RedisStore store = SharedRedis.open(
        RedisOptions.of(SharedRedis.process().uri() + database).withPrefix(prefix));
    opened.add(store);
    return store;
  }

  private static RecordingListener listen(RedisStore store) {
    RecordingListener listener = new RecordingListener();
    store.log().listener(listener);
    store.log().watch(ROOM).join();
    return listener;
  }

  private static void publish(RedisStore store, String text) {
    assertThat(
            store.log().publish(new Publication(ROOM, 1, "bob", "", text, null)).join())
        .isInstanceOf(Accepted.class);
  }
}
