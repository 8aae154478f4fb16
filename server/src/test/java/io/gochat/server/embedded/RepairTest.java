package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import io.gochat.server.session.Session;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RepairTest {
  private static final int MESSAGES = 400;

  @TempDir
  Path scratch;

  private final List<String> report = new ArrayList<>();

  /** A store with messages (half of them in tables), an account, a session, a position; crashed. */
  private Path crashed() throws Exception {
    Path live = scratch.resolve("live");
    Path crashed = scratch.resolve("crashed");
    StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(live));
    try (fixture) {
      fixture.open();
      fixture.store().accounts().create("Alice", "alice", "hash").join();
      fixture.store().sessions().save(new Session("ab", 1, "Alice", 99)).join();
      Random random = new Random(1);
      for (int i = 1; i <= MESSAGES; i++) {
        if (i == MESSAGES / 2) {
          fixture.reopen();
        }
        // Incompressible and long enough for several blocks
        String noise = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong());
        fixture.publish(ROOM, i + " " + noise, "key-" + i).join();
      }
      StoreFixture.copy(live, crashed);
    }
    return crashed;
  }

  private static Path largest(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .max(Comparator.comparing(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  private static void damage(Path file, double where) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek((long) (StoreFixture.endOfData(file) * where));
      access.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
    }
  }

  private static List<Integer> numbers(StoreFixture fixture, Topic topic) {
    return fixture.texts(topic).stream()
        .map(text -> Integer.parseInt(text.split(" ", 2)[0]))
        .toList();
  }

  private void repair(Path directory) throws StoreOpenException {
    Repair.run(directory, report::add);
  }

  @Test
  void an_undamaged_store_keeps_everything_but_its_epoch_and_sessions() throws Exception {
    Path directory = crashed();
    StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory));
    try (fixture) {
      fixture.open();
      long epoch = fixture.store().log().epoch();
      List<Long> ids =
          fixture.messages(ROOM).stream().map(LoggedMessage::messageId).toList();
      fixture.stop();

      repair(directory);

      fixture.open();
      assertThat(fixture.store().log().epoch()).isNotEqualTo(epoch);
      assertThat(fixture.messages(ROOM)).extracting(LoggedMessage::messageId).isEqualTo(ids);
      assertThat(fixture.store().accounts().findByKey("alice").join()).isPresent();
      assertThat(fixture.store().accounts().create("A", "alice", "h").join()).isEmpty();
      assertThat(fixture.store().sessions().find("ab").join()).isEmpty();
      assertThat(fixture.accepted("next").seq()).isEqualTo(MESSAGES + 1);
      assertThat(report).noneMatch(line -> line.startsWith("LOST"));
    }
  }

  @Test
  void a_truncated_log_loses_its_end_and_says_so_by_its_count() throws Exception {
    Path directory = crashed();
    Path log = largest(directory, ".log");
    try (RandomAccessFile access = new RandomAccessFile(log.toFile(), "rw")) {
      access.setLength(StoreFixture.endOfData(log) - 500);
    }
    assertThatThrownBy(() -> new StoreFixture(EmbeddedOptions.of(directory)).open())
        .isInstanceOf(StoreOpenException.class);

    repair(directory);

    assertThat(report).anyMatch(line -> line.startsWith("LOST: up to"));
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      List<Integer> numbers = numbers(fixture, ROOM);
      assertThat(numbers).hasSizeBetween(MESSAGES - 10, MESSAGES - 1).first().isEqualTo(1);
      int lost = numbers.size() + 1;
      // What was lost can be published again: it is no duplicate
      Accepted again = (Accepted) fixture.publish(ROOM, "again", "key-" + lost).join();
      assertThat(again.duplicate()).isFalse();
    }
  }

  @Test
  void damage_inside_tables_and_logs_costs_only_what_it_hit() throws Exception {
    Path directory = crashed();
    damage(largest(directory, ".sst"), 0.4);
    damage(largest(directory, ".log"), 0.5);

    repair(directory);

    assertThat(report).anyMatch(line -> line.startsWith("LOST"));
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      List<Integer> numbers = numbers(fixture, ROOM);
      assertThat(numbers).isSorted().doesNotHaveDuplicates();
      assertThat(numbers.size()).isBetween(MESSAGES / 4, MESSAGES - 1);
      assertThat(fixture.lastSeq(ROOM) - fixture.firstSeq(ROOM) + 1).isEqualTo(numbers.size());
      // A client message id answers "duplicate" for exactly those that are left
      for (int i = 1; i <= MESSAGES; i++) {
        if (!numbers.contains(i)) {
          Accepted again =
              (Accepted) fixture.publish(ROOM, "again " + i, "key-" + i).join();
          assertThat(again.duplicate()).isFalse();
        }
      }
    }
  }

  @Test
  void a_lost_manifest_costs_nothing() throws Exception {
    Path directory = crashed();
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = file.getFileName().toString();
        if (name.startsWith("MANIFEST") || name.equals("CURRENT")) {
          Files.delete(file);
        }
      }
    }

    repair(directory);

    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      assertThat(numbers(fixture, ROOM)).hasSize(MESSAGES).isSorted();
      assertThat(fixture.store().accounts().findByKey("alice").join()).isPresent();
      assertThat(fixture.store().accounts().create("Bob", "bob", "h").join())
          .hasValueSatisfying(account -> assertThat(account.userId()).isGreaterThan(1_000));
    }
  }

  @Test
  void trimmed_messages_do_not_come_back() throws Exception {
    Path directory = scratch.resolve("trimmed");
    EmbeddedOptions options =
        EmbeddedOptions.of(directory).withRetention(new Retention(50, Duration.ofDays(1)));
    StoreFixture fixture = new StoreFixture(options);
    try (fixture) {
      fixture.open();
      for (int i = 1; i <= 300; i++) {
        fixture.accepted(i + " x");
        if (i == 150) {
          fixture.reopen();
        }
      }
      long firstSeq = fixture.firstSeq(ROOM);
      fixture.stop();

      repair(directory);

      fixture.open();
      assertThat(fixture.firstSeq(ROOM)).isEqualTo(firstSeq);
      assertThat(numbers(fixture, ROOM)).first().isEqualTo((int) firstSeq);
    }
  }

  @Test
  void a_store_in_use_and_an_empty_directory_are_refused() throws Exception {
    Path directory = crashed();
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      assertThat(fixture.store().isReady()).isTrue();
      assertThatThrownBy(() -> repair(directory))
          .isInstanceOf(StoreOpenException.class)
          .hasMessageContaining("in use");
    }
    assertThatThrownBy(() -> repair(scratch.resolve("nothing")))
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("no store");
  }

  @Test
  void a_backup_of_the_running_store_is_restored_under_a_new_epoch() throws Exception {
    Path backup = scratch.resolve("backup");
    Path restored = scratch.resolve("restored");
    long epoch;
    try (StoreFixture fixture =
        new StoreFixture(EmbeddedOptions.of(scratch.resolve("live"))).open()) {
      fixture.accepted("before");
      fixture.store().backup(backup);
      fixture.accepted("after");
      epoch = fixture.store().log().epoch();
    }

    Backup.restore(backup, restored);

    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(restored)).open()) {
      assertThat(fixture.texts(ROOM)).containsExactly("before");
      assertThat(fixture.store().log().epoch()).isNotEqualTo(epoch);
    }
    assertThatThrownBy(() -> Backup.restore(backup, restored))
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("holds a store already");
  }

  @Test
  void a_backup_of_a_stopped_store_is_the_store() throws Exception {
    Path live = scratch.resolve("live");
    Path backup = scratch.resolve("backup");
    StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(live));
    try (fixture) {
      fixture.open();
      fixture.accepted("one");
    }

    Backup.create(live, backup);

    assertThatThrownBy(() -> Backup.create(live, backup))
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("exists");
    Backup.restore(backup, scratch.resolve("restored"));
    try (StoreFixture restored =
        new StoreFixture(EmbeddedOptions.of(scratch.resolve("restored"))).open()) {
      assertThat(restored.texts(ROOM)).containsExactly("one");
    }
  }
}
