package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.PublishResult.Refused;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An inbox is not a weapon: nobody can push out of it what its owner has not read. */
@Timeout(60)
class InboxTest {
  private static final Topic INBOX = Topic.inbox(7);
  private static final long FRIEND = 1;
  private static final long STRANGER = 2;

  @TempDir
  Path directory;

  private StoreFixture open(Retention retention) throws StoreOpenException {
    return new StoreFixture(
            EmbeddedOptions.of(directory).withDurability(Durability.ASYNC).withRetention(retention))
        .open();
  }

  private static List<PublishResult> publish(StoreFixture fixture, long from, int count) {
    List<CompletableFuture<PublishResult>> results = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Publication publication =
          new Publication(INBOX, from, "user-" + from, "bob", from + "." + i, null);
      results.add(fixture.store().log().publish(publication));
    }
    return results.stream().map(CompletableFuture::join).toList();
  }

  private static long accepted(List<PublishResult> results) {
    return results.stream().filter(Accepted.class::isInstance).count();
  }

  private static void assertTooMany(PublishResult result, String detail) {
    assertThat(result).isInstanceOfSatisfying(Refused.class, refused -> {
      assertThat(refused.kind()).isEqualTo(ErrorKind.TOO_MANY);
      assertThat(refused.detail()).contains(detail);
      assertThat(refused.retryAfterMs()).isPositive();
    });
  }

  private static void acknowledge(StoreFixture fixture, long seq) {
    long epoch = fixture.store().log().epoch();
    fixture.store().positions().acknowledge(7, "phone", epoch, seq).join();
  }

  private static void trim(StoreFixture fixture) throws Exception {
    for (int tick = 0; tick < 5; tick++) {
      fixture.store().upkeep().tick();
    }
  }

  @Test
  void a_service_may_send_more_than_a_user() throws Exception {
    try (StoreFixture fixture = open(new Retention(10_000, Duration.ofDays(30), 3))) {
      for (int i = 0; i < 5; i++) {
        Publication publication =
            new Publication(INBOX, STRANGER, "billing", "bob", "invoice " + i, null, true);
        assertThat(fixture.store().log().publish(publication).join()).isInstanceOf(Accepted.class);
      }

      assertTooMany(publish(fixture, STRANGER, 1).get(0), "what you sent");
    }
  }

  @Test
  void ten_thousand_messages_of_a_stranger_do_not_push_out_an_unread_one() throws Exception {
    try (StoreFixture fixture = open(Retention.DEFAULT)) {
      publish(fixture, FRIEND, 1);

      List<PublishResult> results = publish(fixture, STRANGER, 10_100);
      trim(fixture);

      assertThat(accepted(results)).isEqualTo(10_000);
      assertTooMany(results.get(10_099), "what you sent");
      assertThat(fixture.firstSeq(INBOX)).isEqualTo(1);
      assertThat(accepted(publish(fixture, FRIEND, 1))).isEqualTo(1);
    }
  }

  @Test
  void what_was_read_goes_by_its_count() throws Exception {
    try (StoreFixture fixture = open(new Retention(100, Duration.ofDays(30)))) {
      publish(fixture, FRIEND, 300);
      trim(fixture);
      assertThat(fixture.firstSeq(INBOX)).isEqualTo(1);

      acknowledge(fixture, 150);
      trim(fixture);
      assertThat(fixture.firstSeq(INBOX)).isEqualTo(151);

      acknowledge(fixture, 300);
      publish(fixture, FRIEND, 1);
      trim(fixture);
      assertThat(fixture.firstSeq(INBOX)).isEqualTo(202);
    }
  }

  @Test
  void what_was_acknowledged_before_a_restart_counts() throws Exception {
    try (StoreFixture fixture = open(new Retention(100, Duration.ofDays(30)))) {
      publish(fixture, FRIEND, 300);
      acknowledge(fixture, 150);
      fixture.reopen();

      trim(fixture);

      assertThat(fixture.firstSeq(INBOX)).isEqualTo(151);
    }
  }

  @Test
  void after_a_week_unread_messages_go_by_their_count_too() throws Exception {
    try (StoreFixture fixture = open(new Retention(100, Duration.ofDays(30)))) {
      publish(fixture, FRIEND, 150);
      fixture.clock.advance(Duration.ofDays(6));
      publish(fixture, FRIEND, 100);
      trim(fixture);
      assertThat(fixture.firstSeq(INBOX)).isEqualTo(1);

      fixture.clock.advance(Duration.ofHours(25));
      publish(fixture, FRIEND, 1);
      trim(fixture);

      // Those of the first day are over a week old, and 101 are younger.
      assertThat(fixture.firstSeq(INBOX)).isEqualTo(151);
    }
  }

  @Test
  void at_ten_times_the_count_an_inbox_is_full_for_everybody_until_it_is_read() throws Exception {
    try (StoreFixture fixture = open(new Retention(100, Duration.ofDays(30)))) {
      List<PublishResult> results = publish(fixture, STRANGER, 1_200);

      assertThat(accepted(results)).isEqualTo(1_000);
      assertTooMany(results.get(1_000), "inbox full");
      assertTooMany(publish(fixture, FRIEND, 1).get(0), "inbox full");
      assertThat(fixture.firstSeq(INBOX)).isEqualTo(1);
      acknowledge(fixture, 500);
      assertThat(accepted(publish(fixture, FRIEND, 1))).isEqualTo(1);
    }
  }

  @Test
  void a_sender_may_go_on_once_enough_was_read() throws Exception {
    try (StoreFixture fixture = open(new Retention(1_000, Duration.ofDays(30), 10))) {
      assertThat(accepted(publish(fixture, STRANGER, 6))).isEqualTo(6);
      assertThat(accepted(publish(fixture, FRIEND, 6))).isEqualTo(6);
      List<PublishResult> more = publish(fixture, STRANGER, 6);
      assertThat(accepted(more)).isEqualTo(4);

      acknowledge(fixture, 3);
      assertThat(accepted(publish(fixture, STRANGER, 5))).isEqualTo(3);
      acknowledge(fixture, fixture.lastSeq(INBOX));
      assertThat(accepted(publish(fixture, STRANGER, 12))).isEqualTo(10);
    }
  }

  @Test
  void a_refused_message_does_not_use_its_client_message_id_up() throws Exception {
    try (StoreFixture fixture = open(new Retention(1_000, Duration.ofDays(30), 1))) {
      publish(fixture, 3, 1); // as alice, who publishes below

      PublishResult refused = fixture.publish(INBOX, "text", "key").join();
      acknowledge(fixture, 1);
      PublishResult accepted = fixture.publish(INBOX, "text", "key").join();

      assertTooMany(refused, "what you sent");
      assertThat(accepted)
          .isInstanceOfSatisfying(Accepted.class, a -> assertThat(a.duplicate()).isFalse());
    }
  }

  @Test
  void a_lower_count_applies_to_topics_that_nobody_writes_to() throws Exception {
    Topic room = Topic.room(9);
    try (StoreFixture fixture = open(new Retention(1_000, Duration.ofDays(30)))) {
      for (int i = 0; i < 500; i++) {
        fixture.publish(room, "m" + i, null).join();
      }
      fixture.options(
          EmbeddedOptions.of(directory).withRetention(new Retention(100, Duration.ofDays(30))));
      fixture.reopen();

      trim(fixture);

      assertThat(fixture.firstSeq(room)).isEqualTo(401);
    }
  }
}
