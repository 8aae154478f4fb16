package io.gochat.server.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RoomSetTest {
  @Test
  void behaves_like_a_set() {
    long seed = Long.getLong("gochat.seed", System.nanoTime());
    Random random = new Random(seed);
    RoomSet rooms = new RoomSet();
    Set<Long> model = new HashSet<>();

    for (int i = 0; i < 10_000; i++) {
      long room = 1L + random.nextInt(40);
      if (random.nextBoolean()) {
        rooms.add(room);
        model.add(room);
      } else {
        assertThat(rooms.remove(room)).as("seed %d", seed).isEqualTo(model.remove(room));
      }
      assertThat(rooms.contains(room)).isEqualTo(model.contains(room));
      assertThat(rooms.size()).isEqualTo(model.size());
    }
  }
}
