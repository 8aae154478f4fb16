package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.messaging.AckResult;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.DeliveryStart.Missed;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.WriteBatch;

/** A new epoch costs only those whose messages are gone. */
@Timeout(60)
class EpochTest {
  private static final Topic INBOX = Topic.inbox(3);

  @TempDir
  Path scratch;

  private StoreFixture open(String name) throws StoreOpenException {
    return new StoreFixture(EmbeddedOptions.of(scratch.resolve(name))).open();
  }

  private static Messaging messaging(StoreFixture fixture) {
    return new Messaging(fixture.store().log(), fixture.store().positions(), 16_384);
  }

  private static ClaimedPosition at(long epoch, LoggedMessage message) {
    return new ClaimedPosition(epoch, message.seq(), message.messageId());
  }

  /** Publishes five, backs up, publishes five more; answers with all ten of the inbox. */
  private List<LoggedMessage> backedUp(StoreFixture fixture) throws Exception {
    for (int i = 1; i <= 10; i++) {
      fixture.publish(INBOX, "m" + i, null).join();
      fixture.accepted("r" + i);
      if (i == 3) {
        fixture.store().positions().acknowledge(3, "phone", epoch(fixture), 3).join();
      }
      if (i == 5) {
        fixture.store().backup(scratch.resolve("backup"));
      }
    }
    return fixture.messages(INBOX);
  }

  private static long epoch(StoreFixture fixture) {
    return fixture.store().log().epoch();
  }

  @Test
  void after_a_restore_positions_with_an_id_count_and_others_do_not() throws Exception {
    List<LoggedMessage> messages;
    long epoch;
    try (StoreFixture fixture = open("live")) {
      messages = backedUp(fixture);
      epoch = epoch(fixture);
    }
    Backup.restore(scratch.resolve("backup"), scratch.resolve("restored"));

    try (StoreFixture fixture = open("restored")) {
      Messaging messaging = messaging(fixture);
      DeliveryStart kept =
          messaging.startInbox(3, "phone", at(epoch, messages.get(4))).join();
      DeliveryStart lost =
          messaging.startInbox(3, "phone", at(epoch, messages.get(7))).join();
      DeliveryStart nameless =
          messaging.startInbox(3, "phone", new ClaimedPosition(epoch, 4, 0)).join();
      DeliveryStart none = messaging.startInbox(3, "phone", null).join();

      assertThat(kept.recovered()).isTrue();
      assertThat(kept.nextSeq()).isEqualTo(6);
      assertThat(lost.gap()).isEqualTo(new Missed(0, 3)); // behind what was acknowledged
      assertThat(nameless.gap()).isEqualTo(new Missed(0, 3));
      assertThat(none.recovered()).isTrue();
      assertThat(none.nextSeq()).isEqualTo(4);
      assertThat(none.state().epoch()).isEqualTo(epoch(fixture)).isNotEqualTo(epoch);
    }
  }

  @Test
  void a_position_whose_sequence_was_used_again_is_not_recognised() throws Exception {
    List<LoggedMessage> messages;
    long epoch;
    try (StoreFixture fixture = open("live")) {
      messages = backedUp(fixture);
      epoch = epoch(fixture);
    }
    Backup.restore(scratch.resolve("backup"), scratch.resolve("restored"));

    try (StoreFixture fixture = open("restored")) {
      for (int i = 0; i < 5; i++) {
        fixture.publish(INBOX, "again", null).join();
      }
      DeliveryStart start =
          messaging(fixture).startInbox(3, "phone", at(epoch, messages.get(7))).join();

      assertThat(start.gap()).isEqualTo(new Missed(0, 3));
    }
  }

  @Test
  void two_copies_of_one_backup_give_out_different_ids() throws Exception {
    try (StoreFixture fixture = open("live")) {
      fixture.store().accounts().create("Alice", "alice", "hash").join();
      backedUp(fixture);
    }

    long[] messageIds = new long[2];
    long[] userIds = new long[2];
    for (int copy = 0; copy < 2; copy++) {
      Backup.restore(scratch.resolve("backup"), scratch.resolve("copy" + copy));
      try (StoreFixture fixture = open("copy" + copy)) {
        messageIds[copy] = fixture.accepted("next").messageId();
        userIds[copy] = fixture
            .store()
            .accounts()
            .create("Bob", "bob", "h")
            .join()
            .orElseThrow()
            .userId();
      }
    }

    assertThat(messageIds[0]).isNotEqualTo(messageIds[1]);
    assertThat(userIds[0]).isNotEqualTo(userIds[1]).isGreaterThan(1L << 32);
    assertThat(userIds[1]).isGreaterThan(1L << 32);
  }

  @Test
  void a_store_that_is_begun_anew_does_not_repeat_ids_either() throws Exception {
    long first;
    long second;
    try (StoreFixture fixture = open("one")) {
      first = fixture.accepted("x").messageId();
    }
    try (StoreFixture fixture = open("two")) {
      second = fixture.accepted("x").messageId();
      assertThat(fixture
              .store()
              .accounts()
              .create("A", "a", "h")
              .join()
              .orElseThrow()
              .userId())
          .isEqualTo(1);
    }

    assertThat(first).isNotEqualTo(second);
  }

  @Test
  void a_restore_ends_all_sessions() throws Exception {
    try (StoreFixture fixture = open("live")) {
      fixture
          .store()
          .sessions()
          .save(new Session("revoked later", 1, "a", Long.MAX_VALUE))
          .join();
      backedUp(fixture);
      fixture.store().sessions().delete("revoked later").join();
    }

    Backup.restore(scratch.resolve("backup"), scratch.resolve("restored"));

    try (StoreFixture fixture = open("restored")) {
      assertThat(fixture.store().sessions().find("revoked later").join()).isEmpty();
    }
  }

  @Test
  void what_was_acknowledged_survives_a_repair_and_a_new_numbering() throws Exception {
    Path directory = scratch.resolve("live");
    long acknowledgedId;
    try (StoreFixture fixture = open("live")) {
      List<LoggedMessage> messages = backedUp(fixture);
      fixture.store().positions().acknowledge(3, "phone", epoch(fixture), 8).join();
      acknowledgedId = messages.get(7).messageId();
      fixture.stop();
      damage(directory, 2);
    }

    Repair.run(directory, line -> {});

    try (StoreFixture fixture = open("live")) {
      DeliveryStart start = messaging(fixture).startInbox(3, "phone", null).join();
      assertThat(start.recovered()).isTrue();
      assertThat(start.nextSeq()).isEqualTo(8);
      assertThat(fixture.messages(INBOX).get(6).messageId()).isEqualTo(acknowledgedId);
    }
  }

  private static void damage(Path directory, long seq) throws Exception {
    try (Database database = Database.open(directory.resolve("db"), false, StoreBounds.DEFAULT);
        WriteBatch batch = new WriteBatch()) {
      batch.put(database.handle(Family.MESSAGES), Keys.message(INBOX, seq), new byte[] {9, 9});
      database.write(batch, true);
    }
  }

  @Test
  void an_epoch_that_was_never_in_force_here_acknowledges_nothing() throws Exception {
    try (StoreFixture fixture = open("live")) {
      backedUp(fixture);

      assertThat(
              messaging(fixture).acknowledge(3, "phone", epoch(fixture) ^ 1, 4).join())
          .isInstanceOf(AckResult.Refused.class);
      assertThat(fixture.store().log().keptUntil(ROOM, epoch(fixture) ^ 1).join())
          .isZero();
    }
  }
}
