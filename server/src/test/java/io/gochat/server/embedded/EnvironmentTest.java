package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.session.Session;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksDBException;

/** What the machine does to a store is told from damage, and what is interrupted can be run again. */
@Timeout(60)
class EnvironmentTest {
  @TempDir
  Path scratch;

  private Path data() {
    return scratch.resolve("data");
  }

  private StoreFixture fixture() {
    return new StoreFixture(EmbeddedOptions.of(data()));
  }

  private void storeWith(String... texts) throws Exception {
    try (StoreFixture fixture = fixture().open()) {
      for (String text : texts) {
        fixture.accepted(text);
      }
    }
  }

  private List<String> texts() throws Exception {
    try (StoreFixture fixture = fixture().open()) {
      return fixture.texts(StoreFixture.ROOM);
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void directory_and_backups_are_nobody_elses_business() throws Exception {
    storeWith("secret");

    Backup.create(data(), scratch.resolve("backup"));

    assertThat(permissions(data())).isEqualTo("rwx------");
    assertThat(permissions(scratch.resolve("backup"))).isEqualTo("rwx------");
    for (String file : List.of("gochat.lock", "gochat.format", "gochat.mark")) {
      assertThat(permissions(data().resolve(file))).as(file).isEqualTo("rw-------");
    }
  }

  @Test
  void an_existing_directory_is_tightened_at_the_start() throws Exception {
    storeWith("secret");
    Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(
        data().resolve("gochat.mark"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(texts()).containsExactly("secret");

    assertThat(permissions(data())).isEqualTo("rwx------");
    assertThat(permissions(data().resolve("gochat.mark"))).isEqualTo("rw-------");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "IO error: While open a file for appending: /data/db/MANIFEST-000005: Permission denied",
        "IO error: While open directory: /data/db: Too many open files",
        "IO error: While appending to file: /data/db/000012.log: No space left on device",
        "IO error: While open a file for appending: /data/db/LOG: Read-only file system"
      })
  void a_fault_of_the_machine_is_not_called_damage(String what) throws Exception {
    storeWith("healthy");
    try (StoreDirectory directory = StoreDirectory.open(data())) {
      StoreOpenException refusal = Opening.refusal(directory, new RocksDBException(what));

      assertThat(refusal)
          .hasMessageContaining("data is not the problem")
          .hasMessageContaining(what)
          .hasMessageNotContaining("repair");
    }
  }

  @Test
  void a_directory_of_somebody_else_is_named_as_such() throws Exception {
    storeWith("healthy");
    String owner = Files.getOwner(data()).toString();

    assertThat(EnvironmentFault.of(data(), new AccessDeniedException("gochat.lock")))
        .hasValueSatisfying(fault -> assertThat(fault)
            .hasMessageContaining("belongs to " + owner)
            .hasMessageContaining("runs as " + System.getProperty("user.name")));
    assertThat(EnvironmentFault.of(data(), new RocksDBException("Corruption: bad block")))
        .isEmpty();
  }

  @Test
  void a_backup_of_a_store_that_a_start_refuses_fails() throws Exception {
    storeWith("one", "two", "three");
    Path mark = data().resolve("gochat.mark");
    byte[] beyond = Keys.ofLong(Keys.toLong(Files.readAllBytes(mark)) + 1_000);
    Files.write(mark, beyond);
    Path backup = scratch.resolve("backup");
    assertThatThrownBy(() -> fixture().open()).hasMessageContaining("damaged");

    assertThatThrownBy(() -> Backup.create(data(), backup))
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("damaged");

    assertThat(backup).doesNotExist();
  }

  @Test
  void a_backup_reads_everything_that_it_copies() throws Exception {
    storeWith("one");
    storeWith("two"); // the first is in a table now
    Path table = largest(data().resolve("db"), ".sst");
    byte[] bytes = Files.readAllBytes(table);
    bytes[10] ^= 0x55;
    Files.write(table, bytes);

    assertThatThrownBy(() -> Backup.create(data(), scratch.resolve("backup")))
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("repair");
  }

  private static Path largest(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .max(Comparator.comparing(file -> file.toFile().length()))
          .orElseThrow();
    }
  }

  @Test
  void a_backup_that_was_cut_off_restores_nothing() throws Exception {
    storeWith("one");
    Path backup = scratch.resolve("backup");
    Backup.create(data(), backup);
    Files.delete(backup.resolve("gochat.format")); // it is written last

    assertThatThrownBy(() -> Backup.restore(backup, scratch.resolve("restored")))
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("not whole");
  }

  @Test
  void a_restore_that_was_cut_off_starts_no_empty_server_and_can_be_run_again() throws Exception {
    storeWith("kept");
    Path backup = scratch.resolve("backup");
    Backup.create(data(), backup);
    PrivateFiles.deleteTree(data());
    StoreFixture.copy(
        backup.resolve("db"), Files.createDirectories(data()).resolve("db.restoring"));

    assertThatThrownBy(() -> fixture().open())
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("did not come to its end");
    Backup.restore(backup, data());

    assertThat(texts()).containsExactly("kept");
    assertThat(data().resolve("db.restoring")).doesNotExist();
  }

  @Test
  void a_restore_that_was_cut_off_at_its_last_step_is_whole() throws Exception {
    storeWith("kept");
    long epoch;
    try (StoreFixture fixture = fixture().open()) {
      epoch = fixture.store().log().epoch();
    }
    Path backup = scratch.resolve("backup");
    Backup.create(data(), backup);
    PrivateFiles.deleteTree(data());
    Backup.restore(backup, data());
    Files.delete(data().resolve("gochat.format"));

    try (StoreFixture fixture = fixture().open()) {
      assertThat(fixture.texts(StoreFixture.ROOM)).containsExactly("kept");
      assertThat(fixture.store().log().epoch()).isNotEqualTo(epoch);
    }
  }

  @Test
  void a_repair_that_was_cut_off_between_its_renames_goes_on_where_it_was() throws Exception {
    storeWith("one", "two");
    List<String> report = new ArrayList<>();
    // As it is after the first rename: the damaged one is aside, the repaired one is whole.
    Repair.run(data(), report::add);
    Files.move(data().resolve("db"), data().resolve("db.repaired"));

    assertThatThrownBy(() -> fixture().open())
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining("repair");
    Repair.run(data(), report::add);

    assertThat(texts()).containsExactly("one", "two");
    assertThat(report).anyMatch(line -> line.contains("moved into place"));
  }

  @Test
  void a_repair_that_was_cut_off_before_its_first_rename_begins_anew() throws Exception {
    storeWith("one", "two");
    Repair.run(data(), line -> {});
    StoreFixture.copy(data().resolve("db"), data().resolve("db.repaired"));
    storeWith("three");

    Repair.run(data(), line -> {});

    assertThat(texts()).containsExactly("one", "two", "three");
  }

  @Test
  void the_native_library_stays_in_the_data_directory_once() throws Exception {
    storeWith("one");
    Path directory = data().resolve("native");
    if (Files.exists(directory)) { // another test's store may have been the first here
      try (Stream<Path> versions = Files.list(directory)) {
        assertThat(versions).hasSize(1);
      }
    }
    try (Stream<Path> files = Files.walk(data())) {
      assertThat(files.filter(file -> file.toString().contains("librocksdb")).count())
          .isLessThanOrEqualTo(1);
    }
  }

  @Test
  void sessions_do_not_survive_a_repair_or_a_restore() throws Exception {
    try (StoreFixture fixture = fixture().open()) {
      fixture.store().sessions().save(session()).join();
    }
    Path backup = scratch.resolve("backup");
    Backup.create(data(), backup);
    PrivateFiles.deleteTree(data());

    Backup.restore(backup, data());

    try (StoreFixture fixture = fixture().open()) {
      assertThat(fixture.store().sessions().find("ab").join()).isEmpty();
    }
  }

  private static Session session() {
    return new Session("ab", 1, "Alice", Long.MAX_VALUE);
  }
}
