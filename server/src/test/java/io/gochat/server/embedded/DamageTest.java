package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.failure.StoreUnavailableException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damage to copies of a crashed directory: whatever it is, the store either opens with everything that was answered
 * with success, or refuses with a sentence; and what it cannot read it does not skip.
 */
@Timeout(120)
class DamageTest {
  private static final int MESSAGES = 200;

  @TempDir
  Path scratch;

  private final List<String> expected = new ArrayList<>();
  private Path crashed = Path.of("");

  @BeforeEach
  void leave_the_directory_of_a_crash() throws Exception {
    crashed = scratch.resolve("crashed");
    try (StoreFixture fixture =
        new StoreFixture(EmbeddedOptions.of(scratch.resolve("live"))).open()) {
      for (int i = 1; i <= MESSAGES; i++) {
        fixture.accepted("message " + i);
        expected.add("message " + i);
      }
      StoreFixture.copy(scratch.resolve("live"), crashed);
    }
  }

  private Path copy(String name) {
    Path copy = scratch.resolve(name);
    StoreFixture.copy(crashed, copy);
    return copy;
  }

  private static Path newest(Path directory, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("db"))) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .max(Comparator.comparing(DamageTest::size).thenComparing(Comparator.naturalOrder()))
          .orElseThrow();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void truncate(Path file, long size) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(size);
    }
  }

  private static void flipBit(Path file, long offset, int bit) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(offset);
      int old = access.read();
      access.seek(offset);
      access.write(old ^ (1 << bit));
    }
  }

  /** Opens with everything, or refuses in a sentence that names a way out. Says which. */
  private boolean opensWhole(Path directory, String what) {
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      assertThat(fixture.texts(ROOM)).as(what).isEqualTo(expected);
      return true;
    } catch (StoreOpenException e) {
      assertThat(e).as(what).hasMessageContaining("./gochat repair").hasMessageContaining("backup");
      return false;
    }
  }

  /** As {@link #opensWhole}; a read may also fail, but it may not answer with less. */
  private void opensWholeOrFailsLoudly(Path directory, String what) {
    try {
      opensWhole(directory, what);
    } catch (CompletionException e) {
      assertThat(e).as(what).hasCauseInstanceOf(StoreUnavailableException.class);
    }
  }

  @Test
  void a_crash_alone_loses_nothing() {
    assertThat(opensWhole(copy("copy"), "crash")).isTrue();
  }

  @Test
  void a_truncated_log_is_refused_and_named() throws Exception {
    Path copy = copy("copy");
    Path log = newest(copy, ".log");
    truncate(log, size(log) - 10);

    assertThatThrownBy(() -> new StoreFixture(EmbeddedOptions.of(copy)).open())
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining(log.getFileName().toString())
        .hasMessageContaining("./gochat repair");
  }

  @Test
  void a_log_truncated_anywhere_never_opens_with_less() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 15; i++) {
      Path copy = copy("copy-" + i);
      Path log = newest(copy, ".log");
      long size = random.nextLong(size(log));
      truncate(log, size);

      opensWhole(copy, "seed " + seed + ", log cut to " + size);
    }
  }

  @Test
  void a_bit_flipped_anywhere_in_the_log_never_opens_with_less() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 15; i++) {
      Path copy = copy("copy-" + i);
      Path log = newest(copy, ".log");
      long offset = random.nextLong(size(log));
      flipBit(log, offset, random.nextInt(8));

      opensWhole(copy, "seed " + seed + ", bit flipped at " + offset);
    }
  }

  @Test
  void a_deleted_log_is_refused() throws Exception {
    Path copy = copy("copy");
    Files.delete(newest(copy, ".log"));

    assertThat(opensWhole(copy, "log deleted")).isFalse();
  }

  @Test
  void a_damaged_table_is_refused_or_its_reads_fail() throws Exception {
    // Given: everything in tables
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(crashed)).open()) {
      assertThat(fixture.texts(ROOM)).isEqualTo(expected);
    }
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 15; i++) {
      Path copy = copy("copy-" + i);
      Path table = newest(copy, ".sst");
      String what;
      if (i % 3 == 0) {
        long size = random.nextLong(size(table));
        truncate(table, size);
        what = "cut to " + size;
      } else {
        long offset = random.nextLong(size(table));
        flipBit(table, offset, random.nextInt(8));
        what = "bit flipped at " + offset;
      }

      opensWholeOrFailsLoudly(copy, "seed " + seed + ", table " + what);
    }
  }

  @Test
  void a_deleted_table_is_refused() throws Exception {
    new StoreFixture(EmbeddedOptions.of(crashed)).open().close();
    Path copy = copy("copy");
    Path table = newest(copy, ".sst");
    Files.delete(table);

    assertThatThrownBy(() -> new StoreFixture(EmbeddedOptions.of(copy)).open())
        .isInstanceOf(StoreOpenException.class)
        .hasMessageContaining(table.getFileName().toString())
        .hasMessageContaining("./gochat repair");
  }

  @Test
  void without_its_pointer_the_database_is_not_created_anew() throws Exception {
    Path copy = copy("copy");
    Files.delete(copy.resolve("db").resolve("CURRENT"));

    assertThat(opensWhole(copy, "CURRENT deleted")).isFalse();
  }

  @Test
  void a_damaged_manifest_is_refused() throws Exception {
    Path copy = copy("copy");
    try (Stream<Path> files = Files.list(copy.resolve("db"))) {
      Path manifest = files
          .filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
          .findFirst()
          .orElseThrow();
      flipBit(manifest, size(manifest) / 2, 3);
    }

    assertThat(opensWhole(copy, "manifest damaged")).isFalse();
  }

  @Test
  void an_unreadable_format_file_is_refused() throws Exception {
    Path copy = copy("copy");
    Files.writeString(copy.resolve("gochat.format"), "?");

    assertThat(opensWhole(copy, "format damaged")).isFalse();
  }

  @Test
  void after_a_clean_stop_everything_is_in_order_too() throws Exception {
    Path live = scratch.resolve("live");

    assertThat(opensWhole(live, "clean stop")).isTrue();
  }

  @Test
  void an_unclean_stop_under_async_changes_the_epoch_and_under_fsync_it_does_not()
      throws Exception {
    for (Durability durability : Durability.values()) {
      Path live = scratch.resolve("live-" + durability);
      Path copy = scratch.resolve("copy-" + durability);
      EmbeddedOptions options = EmbeddedOptions.of(live).withDurability(durability);
      long epoch;
      try (StoreFixture fixture = new StoreFixture(options).open()) {
        fixture.accepted("one");
        epoch = fixture.store().log().epoch();
        StoreFixture.copy(live, copy);
      }

      try (StoreFixture fixture =
          new StoreFixture(EmbeddedOptions.of(copy).withDurability(durability)).open()) {
        boolean same = fixture.store().log().epoch() == epoch;
        assertThat(same).as("%s", durability).isEqualTo(durability == Durability.FSYNC);
        assertThat(fixture.texts(ROOM)).containsExactly("one");
      }
      try (StoreFixture fixture = new StoreFixture(options).open()) {
        assertThat(fixture.store().log().epoch()).isEqualTo(epoch); // that one stopped cleanly
      }
    }
  }

  @Test
  void under_async_a_lost_end_changes_the_epoch_instead_of_refusing() throws Exception {
    Path live = scratch.resolve("live-async");
    Path copy = scratch.resolve("copy-async");
    EmbeddedOptions options = EmbeddedOptions.of(live).withDurability(Durability.ASYNC);
    long epoch;
    try (StoreFixture fixture = new StoreFixture(options).open()) {
      for (int i = 1; i <= 50; i++) {
        fixture.accepted("m" + i);
      }
      epoch = fixture.store().log().epoch();
      StoreFixture.copy(live, copy);
    }
    Path log = newest(copy, ".log");
    truncate(log, size(log) - 300);

    try (StoreFixture fixture =
        new StoreFixture(EmbeddedOptions.of(copy).withDurability(Durability.ASYNC)).open()) {
      assertThat(fixture.store().log().epoch()).isNotEqualTo(epoch);
      assertThat(fixture.lastSeq(ROOM)).isBetween(1L, 49L);
      assertThat(fixture.texts(ROOM)).hasSize((int) fixture.lastSeq(ROOM));
    }
  }
}
