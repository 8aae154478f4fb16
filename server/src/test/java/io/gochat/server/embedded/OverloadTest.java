package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

@Timeout(60)
class OverloadTest {
  @TempDir
  Path directory;

  private final CountDownLatch diskIsBack = new CountDownLatch(1);
  private final CommitFaults slowDisk = new CommitFaults() {
    @Override
    public void beforeWrite() throws RocksDBException {
      try {
        diskIsBack.await();
      } catch (InterruptedException e) {
        throw new RocksDBException("interrupted");
      }
    }
  };

  private StoreFixture open(StoreBounds bounds) throws StoreOpenException {
    return new StoreFixture(EmbeddedOptions.of(directory).withBounds(bounds))
        .with(slowDisk)
        .open();
  }

  private void publishesBeyondTheBoundAreRefused(StoreBounds bounds, String text, int fits)
      throws StoreOpenException {
    try (StoreFixture fixture = open(bounds)) {
      List<CompletableFuture<PublishResult>> results = new ArrayList<>();
      for (int i = 0; i < fits * 2; i++) {
        results.add(fixture.publish(ROOM, text, null));
      }
      List<PublishResult> refused = results.stream()
          .filter(CompletableFuture::isDone)
          .map(CompletableFuture::join)
          .toList();

      diskIsBack.countDown();

      assertThat(refused)
          .hasSize(fits)
          .allSatisfy(result -> assertThat(result).isInstanceOfSatisfying(Refused.class, answer -> {
            assertThat(answer.kind()).isEqualTo(ErrorKind.OVERLOADED);
            assertThat(answer.retryAfterMs()).isPositive();
          }));
      assertThat(results.stream().map(CompletableFuture::join))
          .filteredOn(Accepted.class::isInstance)
          .hasSize(fits);
      assertThat(fixture.messages(ROOM)).hasSize(fits);
      assertThat(fixture
              .meters
              .counter("gochat.store.refused", "reason", "store_queue")
              .count())
          .isEqualTo(fits);
      assertThat(fixture.publish("after")).isInstanceOf(Accepted.class);
    }
  }

  @Test
  void the_queue_is_bounded_by_count() throws Exception {
    publishesBeyondTheBoundAreRefused(StoreBounds.DEFAULT.withQueue(100, 1 << 30), "x", 100);
  }

  @Test
  void the_queue_is_bounded_by_bytes() throws Exception {
    int each = 256 + 3 * 1_000;
    publishesBeyondTheBoundAreRefused(
        StoreBounds.DEFAULT.withQueue(10_000, 20L * each), "x".repeat(1_000), 20);
  }

  @Test
  void more_topics_than_the_tails_remember_are_all_counted_right() throws Exception {
    diskIsBack.countDown();
    try (StoreFixture fixture = open(StoreBounds.DEFAULT)) {
      TopicTails tails = new TopicTails(10);
      for (int id = 1; id <= 50; id++) {
        fixture.publish(Topic.room(id), "x", null).join();
      }
      fixture.stop();
      try (Database database = Database.open(directory.resolve("db"), false, StoreBounds.DEFAULT)) {
        for (int id = 1; id <= 50; id++) {
          assertThat(tails.load(Topic.room(id), database, 1, id).lastSeq()).isEqualTo(1);
          tails.evict();
          assertThat(tails.size()).isLessThanOrEqualTo(10);
        }
        assertThat(tails.cached(Topic.room(50))).isNotNull();
        assertThat(tails.cached(Topic.room(1))).isNull();
        assertThat(tails.load(Topic.room(1), database, 1, 51).lastSeq()).isEqualTo(1);
      }
    }
  }
}
