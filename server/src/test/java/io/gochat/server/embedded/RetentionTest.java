package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RetentionTest {
  @TempDir
  Path directory;

  private StoreFixture open(Retention retention) throws StoreOpenException {
    return new StoreFixture(
            EmbeddedOptions.of(directory).withDurability(Durability.ASYNC).withRetention(retention))
        .open();
  }

  @Test
  void messages_go_by_age_and_the_topic_keeps_its_sequence() throws Exception {
    try (StoreFixture fixture = open(new Retention(1_000, Duration.ofHours(24)))) {
      for (int hour = 1; hour <= 48; hour++) {
        fixture.accepted("h" + hour);
        fixture.clock.advance(Duration.ofHours(1));
      }

      fixture.store().upkeep().sweep();

      assertThat(fixture.firstSeq(ROOM)).isEqualTo(25);
      assertThat(fixture.texts(ROOM)).hasSize(24).first().isEqualTo("h25");
      fixture.clock.advance(Duration.ofDays(3));
      fixture.store().upkeep().sweep();
      assertThat(fixture.firstSeq(ROOM)).isEqualTo(49);
      assertThat(fixture.lastSeq(ROOM)).isEqualTo(48);
      assertThat(fixture.messages(ROOM)).isEmpty();
      fixture.reopen();
      assertThat(fixture.firstSeq(ROOM)).isEqualTo(49);
      assertThat(fixture.accepted("next").seq()).isEqualTo(49);
    }
  }

  @Test
  void age_is_looked_at_in_every_topic() throws Exception {
    int topics = 1_300; // more than one step of the scan
    try (StoreFixture fixture = open(new Retention(1_000, Duration.ofHours(24)))) {
      List<CompletableFuture<PublishResult>> results = new ArrayList<>();
      for (int i = 1; i <= topics; i++) {
        results.add(fixture.publish(i % 2 == 0 ? Topic.room(i) : Topic.inbox(i), "old", null));
      }
      results.forEach(CompletableFuture::join);
      fixture.clock.advance(Duration.ofHours(25));
      fixture.publish(Topic.room(2), "young", null).join();

      fixture.store().upkeep().sweep();

      for (int i = 1; i <= topics; i++) {
        Topic topic = i % 2 == 0 ? Topic.room(i) : Topic.inbox(i);
        assertThat(fixture.texts(topic)).isEqualTo(i == 2 ? List.of("young") : List.of());
      }
    }
  }

  @Test
  void a_count_is_brought_down_to_its_bound() throws Exception {
    try (StoreFixture fixture = open(new Retention(100, Duration.ofDays(30)))) {
      for (int i = 1; i <= 108; i++) {
        fixture.accepted("m" + i);
      }
      assertThat(fixture.firstSeq(ROOM)).isEqualTo(1); // within the slack

      for (int tick = 0; tick < 5; tick++) {
        fixture.store().upkeep().tick();
      }

      assertThat(fixture.firstSeq(ROOM)).isEqualTo(9);
      assertThat(fixture.messages(ROOM)).hasSize(100);
    }
  }

  @Test
  void client_message_ids_are_forgotten_after_the_window_and_not_before() throws Exception {
    try (StoreFixture fixture = open(Retention.DEFAULT)) {
      Accepted first = (Accepted) fixture.publish(ROOM, "text", "key").join();
      for (int hour = 0; hour < 23; hour++) {
        fixture.clock.advance(Duration.ofHours(1));
        fixture.publish(ROOM, "hourly", "key-" + hour).join();
        fixture.store().upkeep().sweep();
      }
      assertThat(fixture.publish(ROOM, "text", "key").join())
          .isEqualTo(new Accepted(first.messageId(), first.seq(), true));

      fixture.clock.advance(Duration.ofHours(2));

      assertThat(fixture.publish(ROOM, "text", "key").join())
          .isInstanceOfSatisfying(
              Accepted.class, accepted -> assertThat(accepted.duplicate()).isFalse());
      assertThat(((Accepted) fixture.publish(ROOM, "hourly", "key-22").join()).duplicate())
          .isTrue();
      fixture.reopen();
      assertThat(((Accepted) fixture.publish(ROOM, "hourly", "key-22").join()).duplicate())
          .isTrue();
    }
  }

  @Test
  void expired_client_message_ids_leave_the_disk() throws Exception {
    try (StoreFixture fixture = open(Retention.DEFAULT)) {
      for (int day = 0; day < 10; day++) {
        fixture.publish(ROOM, "daily", "key-" + day).join();
        fixture.clock.advance(Duration.ofHours(25));
      }

      fixture.store().upkeep().sweep();

      fixture.stop();
      assertThat(rows(Family.IDEMPOTENCY)).isLessThanOrEqualTo(2);
    }
  }

  @Test
  void dead_sessions_are_purged_and_living_ones_stay() throws Exception {
    try (StoreFixture fixture = open(Retention.DEFAULT)) {
      long nowMs = fixture.clock.millis();
      for (int i = 0; i < 50; i++) {
        fixture
            .store()
            .sessions()
            .save(new Session("dead-" + i, 1, "a", nowMs + 1))
            .join();
      }
      long later = nowMs + Duration.ofDays(1).toMillis();
      fixture.store().sessions().save(new Session("living", 1, "a", later)).join();
      fixture.clock.advance(Duration.ofHours(2));

      fixture.store().upkeep().sweep();

      assertThat(fixture.store().sessions().find("dead-7").join()).isEmpty();
      assertThat(fixture.store().sessions().find("living").join()).isPresent();
      fixture.stop();
      assertThat(rows(Family.SESSIONS)).isEqualTo(2); // itself, and as one of its user
    }
  }

  private long rows(Family family) throws Exception {
    try (Database database = Database.open(directory.resolve("db"), false, StoreBounds.DEFAULT);
        Database.Scan scan = database.scan(family, new byte[0], new byte[] {(byte) 0xff})) {
      long rows = 0;
      for (boolean more = scan.first(); more; more = scan.next()) {
        rows++;
      }
      return rows;
    }
  }

  @Test
  void disk_use_stays_bounded_over_a_day_of_traffic() throws Exception {
    // Given: 100,000 messages of 1.2 KB in all, of which 200 in each of 10 rooms are kept
    long bound = 24L << 20;
    EmbeddedOptions options = EmbeddedOptions.of(directory)
        .withDurability(Durability.ASYNC)
        .withRetention(new Retention(200, Duration.ofHours(6)))
        .withBounds(StoreBounds.DEFAULT.withMaxDiskBytes(bound).withMinFreeBytes(0));
    String text = "x".repeat(1_100);
    long largest = 0;
    try (StoreFixture fixture = new StoreFixture(options).open()) {
      int refused = 0;
      for (int minute = 0; minute < 24 * 60; minute++) {
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
          results.add(fixture.publish(Topic.room(1 + i % 10), text, null));
        }
        for (CompletableFuture<PublishResult> result : results) {
          refused += result.join() instanceof Refused ? 1 : 0;
        }
        fixture.clock.advance(Duration.ofMinutes(1));
        if (minute % 10 == 0) {
          fixture.store().upkeep().tick();
          largest = Math.max(largest, PrivateFiles.size(directory));
        }
      }

      assertThat(refused).isZero();
      assertThat(largest).isLessThan(bound);
      assertThat(fixture.messages(Topic.room(1))).hasSizeBetween(200, 225);
    }
  }

  @Test
  void a_full_disk_refuses_publishes_and_accepts_again_when_there_is_room() throws Exception {
    EmbeddedOptions options = EmbeddedOptions.of(directory)
        .withDurability(Durability.ASYNC)
        .withRetention(new Retention(1_000_000, Duration.ofHours(1)))
        .withBounds(StoreBounds.DEFAULT.withMaxDiskBytes(8L << 20).withMinFreeBytes(0));
    // Incompressible, so that what is written is what is used
    Random random = new Random(4711);
    try (StoreFixture fixture = new StoreFixture(options).open()) {
      PublishResult result;
      int published = 0;
      do {
        StringBuilder text = new StringBuilder();
        random.ints(8_000, 0x4e00, 0x9fff).forEach(text::appendCodePoint);
        result = fixture.publish(text.toString());
        published++;
      } while (result instanceof Accepted && published < 10_000);

      assertThat(result).isInstanceOfSatisfying(Refused.class, refused -> {
        assertThat(refused.kind()).isEqualTo(ErrorKind.OVERLOADED);
        assertThat(refused.detail()).contains("disk");
        assertThat(refused.retryAfterMs()).isPositive();
      });
      assertThat(
              fixture.meters.counter("gochat.store.refused", "reason", "disk").count())
          .isPositive();
      fixture.store().upkeep().tick();
      assertThat(fixture.publish("still full")).isInstanceOf(Refused.class);
      assertThat(fixture.messages(ROOM)).hasSize(published - 1); // reading goes on

      fixture.clock.advance(Duration.ofHours(2));
      for (int tick = 0; tick < 30; tick++) {
        fixture.store().upkeep().tick();
      }

      assertThat(fixture.accepted("there is room").seq()).isEqualTo(published);
    }
  }

  @Test
  void a_lowered_count_frees_a_full_disk_of_idle_topics() throws Exception {
    EmbeddedOptions options = EmbeddedOptions.of(directory)
        .withDurability(Durability.ASYNC)
        .withRetention(new Retention(1_000_000, Duration.ofDays(30)))
        .withBounds(StoreBounds.DEFAULT.withMaxDiskBytes(8L << 20).withMinFreeBytes(0));
    Random random = new Random(4711);
    try (StoreFixture fixture = new StoreFixture(options).open()) {
      PublishResult result;
      do {
        StringBuilder text = new StringBuilder();
        random.ints(8_000, 0x4e00, 0x9fff).forEach(text::appendCodePoint);
        result = fixture
            .publish(Topic.room(1 + random.nextInt(5)), text.toString(), null)
            .join();
      } while (result instanceof Accepted);
      fixture.options(options.withRetention(new Retention(5, Duration.ofDays(30))));
      fixture.reopen();
      assertThat(fixture.publish("still full")).isInstanceOf(Refused.class);

      for (int tick = 0; tick < 60; tick++) {
        fixture.store().upkeep().tick();
      }

      assertThat(fixture.publish("there is room")).isInstanceOf(Accepted.class);
      assertThat(fixture.messages(Topic.room(1))).hasSize(5);
    }
  }
}
