package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilePositionStoreTest {
  @TempDir
  Path directory;

  @Test
  void what_was_saved_is_loaded_by_the_next_process() throws Exception {
    Path file = directory.resolve("positions");
    Map<Topic, Position> positions = Map.of(
        Topic.user(7), new Position(99, 12, 4_711),
        Topic.room(7), new Position(99, 3, 0),
        Topic.room(8), new Position(99, 0, 0));

    new FilePositionStore(file).save(positions);

    assertThat(new FilePositionStore(file).load()).isEqualTo(positions);
  }

  @Test
  void a_file_that_is_not_there_is_empty() throws Exception {
    assertThat(new FilePositionStore(directory.resolve("none")).load()).isEmpty();
  }

  @Test
  void a_save_replaces_everything() throws Exception {
    FilePositionStore store = new FilePositionStore(directory.resolve("positions"));
    store.save(Map.of(Topic.room(1), new Position(1, 1, 1), Topic.room(2), new Position(1, 1, 1)));

    store.save(Map.of(Topic.room(2), new Position(1, 2, 2)));

    assertThat(store.load()).isEqualTo(Map.of(Topic.room(2), new Position(1, 2, 2)));
    assertThat(directory.toFile().list()).hasSize(1);
  }

  @Test
  void a_crash_while_writing_leaves_the_old_positions() throws Exception {
    Path file = directory.resolve("positions");
    FilePositionStore store = new FilePositionStore(file);
    store.save(Map.of(Topic.room(1), new Position(1, 1, 1)));

    Files.writeString(directory.resolve("positions.new"), "gochat positions 1\nroom 1 9");

    assertThat(store.load()).isEqualTo(Map.of(Topic.room(1), new Position(1, 1, 1)));
    store.save(Map.of(Topic.room(1), new Position(1, 2, 2)));
    assertThat(store.load()).isEqualTo(Map.of(Topic.room(1), new Position(1, 2, 2)));
  }

  @Test
  void every_truncation_and_every_flipped_byte_is_noticed() throws Exception {
    Path file = directory.resolve("positions");
    FilePositionStore store = new FilePositionStore(file);
    Map<Topic, Position> positions = new HashMap<>();
    positions.put(Topic.room(1), new Position(1, 1, 1));
    positions.put(Topic.user(2), new Position(1, 2, 3));
    store.save(positions);
    byte[] good = Files.readAllBytes(file);

    for (int length = 0; length < good.length - 1; length++) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThatThrownBy(store::load).as("cut at %d", length).isInstanceOf(IOException.class);
    }
    for (int at = 0; at < good.length - 1; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(file, bad);
      assertThatThrownBy(store::load).as("flipped at %d", at).isInstanceOf(IOException.class);
    }
  }
}
