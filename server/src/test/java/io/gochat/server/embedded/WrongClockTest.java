package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.Message;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A clock that is wrong for a while destroys nothing, and does not stop what should go on. */
@Timeout(60)
class WrongClockTest {
  private static final Duration FEW_SECONDS = Duration.ofSeconds(3);

  @TempDir
  Path directory;

  private StoreFixture open(Duration age) throws StoreOpenException {
    return new StoreFixture(EmbeddedOptions.of(directory)
            .withDurability(Durability.ASYNC)
            .withRetention(new Retention(1_000, age)))
        .open();
  }

  private static void sweep(StoreFixture fixture) throws Exception {
    fixture.store().upkeep().sweep();
  }

  private static long stampMs(LoggedMessage message) {
    try {
      return Message.parseFrom(message.bytes()).getCreatedAtMs();
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_month_ahead_for_three_seconds_costs_nothing() throws Exception {
    Topic inbox = Topic.inbox(7);
    try (StoreFixture fixture = open(Duration.ofDays(30))) {
      for (int i = 1; i <= 20; i++) {
        fixture.accepted("m" + i);
      }
      fixture.publish(inbox, "unread", null).join();
      long expiresMs = fixture.clock.millis() + Duration.ofDays(1).toMillis();
      fixture.store().sessions().save(new Session("ab", 7, "bob", expiresMs)).join();

      fixture.clock.jump(Duration.ofDays(31));
      sweep(fixture);
      fixture.clock.advance(FEW_SECONDS);
      sweep(fixture);
      fixture.clock.jump(Duration.ofDays(-31));
      sweep(fixture);

      assertThat(fixture.texts(ROOM)).hasSize(20);
      assertThat(fixture.texts(inbox)).containsExactly("unread");
      assertThat(fixture.store().sessions().find("ab").join()).isPresent();
    }
  }

  @Test
  void a_wrong_clock_costs_nothing_over_a_restart_either() throws Exception {
    try (StoreFixture fixture = open(Duration.ofDays(30))) {
      fixture.accepted("kept");

      fixture.stop();
      fixture.clock.jump(Duration.ofDays(31));
      fixture.open();
      sweep(fixture);
      fixture.reopen();
      sweep(fixture);

      assertThat(fixture.guarded.isTrusted()).isFalse();
      assertThat(fixture.texts(ROOM)).containsExactly("kept");
    }
  }

  @Test
  void a_store_that_was_killed_knows_the_time_to_a_minute() throws Exception {
    Path crashed = directory.resolve("crashed");
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory.resolve("live")))) {
      fixture.open();
      fixture.clock.advance(Duration.ofHours(30));
      fixture.store().upkeep().tick();
      StoreFixture.copy(directory.resolve("live"), crashed);
    }

    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(crashed))) {
      fixture.clock.advance(Duration.ofHours(31));
      fixture.open();

      assertThat(fixture.guarded.isTrusted()).isTrue();
    }
  }

  @Test
  void a_stamp_far_back_in_the_middle_takes_nothing_along() throws Exception {
    try (StoreFixture fixture = open(Duration.ofDays(30))) {
      long nowMs = fixture.clock.millis();
      List<Long> stampsMs = new ArrayList<>();
      add(stampsMs, 5, nowMs - Duration.ofDays(30).minusMinutes(30).toMillis());
      add(stampsMs, 5, nowMs);
      add(stampsMs, 10, nowMs - Duration.ofDays(35).toMillis());
      add(stampsMs, 2, nowMs);
      store(fixture, stampsMs);

      fixture.clock.advance(Duration.ofHours(1));
      sweep(fixture);

      assertThat(fixture.firstSeq(ROOM)).isEqualTo(6);
      assertThat(fixture.messages(ROOM)).hasSize(17);
    }
  }

  private static void add(List<Long> stampsMs, int count, long stampMs) {
    for (int i = 0; i < count; i++) {
      stampsMs.add(stampMs);
    }
  }

  /** As an earlier version would have stored them, by the clock that it had. */
  private static void store(StoreFixture fixture, List<Long> stampsMs) throws Exception {
    for (int i = 0; i < stampsMs.size(); i++) {
      fixture.accepted("m" + i);
    }
    fixture.rewrite(
        ROOM,
        (seq, message) ->
            message.toBuilder().setCreatedAtMs(stampsMs.get(seq.intValue() - 1)).build());
  }

  @Test
  void after_two_days_ahead_for_three_seconds_trimming_goes_on() throws Exception {
    try (StoreFixture fixture = open(Duration.ofHours(1))) {
      fixture.accepted("old");
      fixture.store().upkeep().tick();
      fixture.clock.jump(Duration.ofDays(2));
      fixture.store().upkeep().tick();
      fixture.clock.advance(FEW_SECONDS);
      fixture.clock.jump(Duration.ofDays(-2));

      fixture.clock.advance(Duration.ofHours(2));
      fixture.store().upkeep().tick();

      assertThat(fixture.messages(ROOM)).isEmpty();
    }
  }

  @Test
  void an_id_published_while_the_clock_was_behind_is_known_after_its_correction() throws Exception {
    try (StoreFixture fixture = open(Duration.ofDays(30))) {
      fixture.publish(ROOM, "before", "key-0").join();
      fixture.clock.jump(Duration.ofDays(-40));
      Accepted first = (Accepted) fixture.publish(ROOM, "text", "key").join();
      sweep(fixture);

      fixture.clock.advance(Duration.ofMinutes(1));
      fixture.clock.jump(Duration.ofDays(40));
      sweep(fixture);

      assertThat(fixture.publish(ROOM, "text", "key").join())
          .isEqualTo(new Accepted(first.messageId(), first.seq(), true));
    }
  }

  @Test
  void even_when_a_clock_that_was_behind_had_been_believed() throws Exception {
    try (StoreFixture fixture = open(Duration.ofDays(30))) {
      fixture.publish(ROOM, "before", "key-0").join();
      fixture.clock.jump(Duration.ofDays(-40));
      fixture.guarded.millis();
      fixture.clock.advance(Duration.ofHours(2));
      Accepted first = (Accepted) fixture.publish(ROOM, "text", "key").join();
      assertThat(fixture.guarded.isTrusted()).isTrue();

      fixture.clock.jump(Duration.ofDays(40));
      fixture.guarded.millis();
      fixture.clock.advance(Duration.ofHours(2));
      sweep(fixture);

      assertThat(fixture.publish(ROOM, "text", "key").join())
          .isEqualTo(new Accepted(first.messageId(), first.seq(), true));
    }
  }

  @Test
  void stamps_of_a_topic_never_go_back() throws Exception {
    try (StoreFixture fixture = open(Duration.ofDays(30))) {
      fixture.accepted("one");
      fixture.clock.jump(Duration.ofMinutes(-2)); // small enough to be followed
      fixture.accepted("two");
      fixture.reopen();
      fixture.accepted("three");

      List<LoggedMessage> messages = fixture.messages(ROOM);
      assertThat(messages).extracting(WrongClockTest::stampMs).isSorted();
      assertThat(stampMs(messages.get(2))).isEqualTo(stampMs(messages.get(0)));
    }
  }

  @Test
  void while_it_is_distrusted_messages_are_stamped_as_if_it_had_not_moved() throws Exception {
    try (StoreFixture fixture = open(Duration.ofDays(30))) {
      fixture.accepted("one");
      long rightMs = fixture.clock.millis();
      fixture.clock.jump(Duration.ofDays(31));
      fixture.clock.advance(FEW_SECONDS);

      fixture.accepted("two");

      assertThat(stampMs(fixture.messages(ROOM).get(1)))
          .isEqualTo(rightMs + FEW_SECONDS.toMillis());
    }
  }
}
