package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.PositionStore.AcknowledgedPosition;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** A directory of the first format is brought to this one, whatever happens meanwhile. */
@Timeout(60)
class FormatStepTest {
  private static final Topic INBOX = Topic.inbox(3);
  private static final Session SESSION = new Session("ab", 3, "carol", Long.MAX_VALUE);

  @TempDir
  Path scratch;

  private Path directory() {
    return scratch.resolve("data");
  }

  private StoreFixture fixture() {
    return new StoreFixture(EmbeddedOptions.of(directory()));
  }

  /** Five messages, three of them acknowledged by a phone, as the first format has it. */
  private void storeOfFirstFormat() throws Exception {
    try (StoreFixture fixture = fixture().open()) {
      for (int i = 1; i <= 5; i++) {
        fixture.publish(INBOX, "m" + i, null).join();
      }
      fixture.store().positions().acknowledge(3, "phone", epoch(fixture), 3).join();
      fixture.store().sessions().save(SESSION).join();
    }
    toFirstFormat();
  }

  private void toFirstFormat() throws Exception {
    try (Database database = Database.open(directory().resolve("db"), false, StoreBounds.DEFAULT);
        WriteBatch batch = new WriteBatch()) {
      byte[] key = Keys.position(3, "phone");
      StoredPosition position =
          StoredPosition.decode(Objects.requireNonNull(database.get(Family.POSITIONS, key)));
      batch.put(
          database.handle(Family.POSITIONS),
          key,
          ByteBuffer.allocate(16)
              .putLong(position.epoch())
              .putLong(position.seq())
              .array());
      batch.delete(
          database.handle(Family.SESSIONS), SessionRows.ofUser(SESSION.userId(), SESSION.id()));
      Meta.FORMAT.put(database, batch, 1);
      batch.delete(database.handle(Family.META), Meta.TRUSTED_MS.key());
      database.write(batch, true);
      for (Family family : List.of(Family.WEBHOOKS, Family.IDENTITIES)) {
        drop(database, database.handle(family));
      }
    }
    Files.writeString(directory().resolve("gochat.format"), "1\n");
    Files.delete(directory().resolve("gochat.mark")); // what was done here is no commit
  }

  private static void drop(Database database, ColumnFamilyHandle family) throws RocksDBException {
    database.rocks().dropColumnFamily(family);
  }

  private static long epoch(StoreFixture fixture) {
    return fixture.store().log().epoch();
  }

  private long storedIdOfThePhone() throws Exception {
    try (Database database = Database.openAsItIs(directory().resolve("db"))) {
      byte[] stored = database.get(Family.POSITIONS, Keys.position(3, "phone"));
      return StoredPosition.decode(Objects.requireNonNull(stored)).messageId();
    }
  }

  private void assertBroughtOver() throws Exception {
    try (StoreFixture fixture = fixture().open()) {
      assertThat(fixture.texts(INBOX)).containsExactly("m1", "m2", "m3", "m4", "m5");
      assertThat(fixture.store().positions().acknowledged(3, "phone").join())
          .isEqualTo(new AcknowledgedPosition(epoch(fixture), 3));
      List<LoggedMessage> messages = fixture.messages(INBOX);
      fixture.stop();
      assertThat(storedIdOfThePhone()).isEqualTo(messages.get(2).messageId());
    }
    assertThat(Files.readString(directory().resolve("gochat.format"))).isEqualTo("2\n");
  }

  @Test
  void the_first_start_names_the_messages_of_positions() throws Exception {
    storeOfFirstFormat();

    assertBroughtOver();
    assertBroughtOver();
    try (StoreFixture fixture = fixture().open()) {
      assertThat(fixture.store().sessions().ofUser(3, 10).join()).containsExactly(SESSION);
    }
  }

  @Test
  void a_step_that_was_cut_off_after_its_announcement_goes_on() throws Exception {
    storeOfFirstFormat();
    Files.writeString(directory().resolve("gochat.format"), "2\n");

    assertBroughtOver();
  }

  @Test
  void a_step_that_was_cut_off_before_its_end_is_made_again() throws Exception {
    storeOfFirstFormat();
    assertBroughtOver();
    try (Database database = Database.open(directory().resolve("db"), false, StoreBounds.DEFAULT);
        WriteBatch batch = new WriteBatch()) {
      Meta.FORMAT.put(database, batch, 1);
      database.write(batch, true);
    }

    assertBroughtOver();
  }

  @Test
  void a_backup_leaves_a_store_of_the_first_format_as_it_is_and_is_one_itself() throws Exception {
    storeOfFirstFormat();
    Path backup = scratch.resolve("backup");

    Backup.create(directory(), backup);

    assertThat(Files.readString(directory().resolve("gochat.format"))).isEqualTo("1\n");
    assertThat(Files.readString(backup.resolve("gochat.format"))).isEqualTo("1\n");
    assertThat(storedIdOfThePhone()).isZero();
    try (Database database = Database.openAsItIs(backup.resolve("db"))) {
      assertThatThrownBy(() -> database.handle(Family.WEBHOOKS))
          .isInstanceOf(NullPointerException.class);
    }
  }

  @Test
  void a_restored_backup_of_the_first_format_keeps_what_was_acknowledged() throws Exception {
    storeOfFirstFormat();
    Path backup = scratch.resolve("backup");
    Backup.create(directory(), backup);
    PrivateFiles.deleteTree(directory());

    Backup.restore(backup, directory());

    assertBroughtOver();
  }

  @Test
  void a_newer_format_is_refused_in_a_sentence() throws Exception {
    storeOfFirstFormat();
    Files.writeString(directory().resolve("gochat.format"), "3\n");

    assertThatThrownBy(() -> fixture().open())
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining(
            "was written by a newer version of GoChat (format 3, this version reads 2)");
  }
}
