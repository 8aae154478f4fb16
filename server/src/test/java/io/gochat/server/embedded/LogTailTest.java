package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A log that was filled in advance, as a crash, a power cut or a broken disk leaves it. */
@Timeout(120)
class LogTailTest {
  private static final int MESSAGES = 250;
  private static final int PAGE_BYTES = 4_096;
  private static final int SECTOR_BYTES = 512;

  @TempDir
  Path scratch;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final List<String> synced = new ArrayList<>();
  private Path before = Path.of("");

  @BeforeEach
  void leave_the_directory_of_a_crash() throws Exception {
    before = scratch.resolve("before");
    try (StoreFixture fixture = new StoreFixture(options("live")).open()) {
      for (int i = 1; i <= MESSAGES; i++) {
        synced.add(accepted(fixture, "message " + i + " ", 300));
      }
      StoreFixture.copy(scratch.resolve("live"), before);
    }
  }

  private EmbeddedOptions options(String name) {
    return EmbeddedOptions.of(scratch.resolve(name));
  }

  private String accepted(StoreFixture fixture, String text, int chars) {
    char[] padding = new char[chars];
    for (int i = 0; i < chars; i++) {
      padding[i] = (char) ('a' + random.nextInt(26));
    }
    String whole = text + new String(padding);
    fixture.accepted(whole);
    return whole;
  }

  private static Path logOf(Path directory) {
    return Objects.requireNonNull(LogTail.newest(directory.resolve("db")));
  }

  /** What the disk has when the power goes: of each part that differs the old or the new. */
  private byte[] mixed(byte[] old, byte[] fresh, int partBytes) {
    byte[] mixed = Arrays.copyOf(old, old.length);
    for (int at = 0; at < old.length; at += partBytes) {
      int end = Math.min(at + partBytes, old.length);
      if (random.nextBoolean()) {
        System.arraycopy(fresh, at, mixed, at, end - at);
      }
    }
    return mixed;
  }

  private List<String> textsOf(Path directory) throws StoreOpenException {
    try (StoreFixture fixture = new StoreFixture(EmbeddedOptions.of(directory)).open()) {
      return fixture.texts(ROOM);
    }
  }

  @Test
  void small_commits_do_not_change_the_size_of_the_log() throws Exception {
    try (StoreFixture fixture = new StoreFixture(options("fresh")).open()) {
      Set<Long> sizes = new HashSet<>();
      for (int i = 0; i < MESSAGES; i++) {
        accepted(fixture, "message ", 300);
        if (i >= MESSAGES / 2) {
          sizes.add(Files.size(logOf(scratch.resolve("fresh"))));
        }
      }

      assertThat(sizes).hasSize(1);
    }
  }

  @Test
  void a_commit_that_a_power_cut_tore_is_dropped_and_nothing_else_is() throws Exception {
    try (StoreFixture fixture = new StoreFixture(options("busy")).open()) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < MESSAGES; i++) {
        expected.add(accepted(fixture, "message ", 300));
      }
      for (int round = 0; round < 24; round++) {
        // Given: one commit more, which was written and not yet synced
        Path crashed = scratch.resolve("crashed-" + round);
        StoreFixture.copy(scratch.resolve("busy"), crashed);
        byte[] old = Files.readAllBytes(logOf(crashed));
        String last = accepted(fixture, "torn ", 1 + random.nextInt(round % 2 == 0 ? 500 : 8_000));
        byte[] fresh = Files.readAllBytes(logOf(scratch.resolve("busy")));

        // When
        byte[] mixed = mixed(old, fresh, round % 3 == 0 ? SECTOR_BYTES : PAGE_BYTES);
        Files.write(logOf(crashed), mixed);
        List<String> found = textsOf(crashed);

        // Then
        expected.add(last);
        boolean whole = found.size() == expected.size();
        String what = "seed " + seed + ", round " + round;
        assertThat(fresh).as(what + ": the log is filled in advance").hasSameSizeAs(old);
        assertThat(found)
            .as(what)
            .isEqualTo(whole ? expected : expected.subList(0, expected.size() - 1));
        assertThat(whole).as(what).isEqualTo(Arrays.equals(mixed, fresh));
      }
    }
  }

  @Test
  void a_bit_flipped_before_the_end_is_not_taken_for_a_torn_commit() throws Exception {
    int lengthOfLog = StoreFixture.endOfData(logOf(before));
    for (int round = 0; round < 15; round++) {
      Path copy = scratch.resolve("copy-" + round);
      StoreFixture.copy(before, copy);
      Files.delete(copy.resolve("gochat.mark")); // after a power cut it may be of long ago
      byte[] bytes = Files.readAllBytes(logOf(copy));
      int at = random.nextInt(lengthOfLog - 1_000);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(logOf(copy), bytes);

      String what = "seed " + seed + ", bit flipped at " + at;
      try {
        assertThat(textsOf(copy)).as(what).isEqualTo(synced);
      } catch (StoreOpenException e) {
        assertThat(e).as(what).hasMessageContaining("./gochat repair");
      }
    }
  }

  @Test
  void a_log_that_lost_its_end_is_refused() throws Exception {
    Path copy = scratch.resolve("copy");
    StoreFixture.copy(before, copy);
    byte[] bytes = Files.readAllBytes(logOf(copy));
    Files.write(logOf(copy), Arrays.copyOf(bytes, StoreFixture.endOfData(logOf(before)) - 10));

    try {
      assertThat(textsOf(copy)).isEqualTo(synced);
    } catch (StoreOpenException e) {
      assertThat(e).hasMessageContaining("./gochat repair");
    }
  }

  @Test
  void a_backup_of_a_store_that_runs_is_whole() throws Exception {
    try (StoreFixture fixture = new StoreFixture(options("live")).open()) {
      for (int i = 1; i <= MESSAGES; i++) {
        synced.add(accepted(fixture, "more " + i + " ", 300));
      }
      fixture.store().backup(scratch.resolve("backup"));
    }

    Backup.restore(scratch.resolve("backup"), scratch.resolve("restored"));

    assertThat(textsOf(scratch.resolve("restored"))).isEqualTo(synced);
  }
}
