package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EarlyJoinTest {
  private static final Position STORED = new Position(9, 41, 1041);

  private final Positions positions = new Positions(Optional.of(new OneRoom()), AckMode.AUTO);
  private final Subscriptions subscriptions =
      new Subscriptions(positions, delivery -> {}, reason -> {});

  @Test
  void a_room_joined_before_the_store_is_read_goes_on_at_the_stored_position() throws IOException {
    Subscription room = subscriptions.join(7, null);

    positions.load();
    subscriptions.loaded();

    assertThat(room.resumeFrom()).isEqualTo(STORED);
  }

  @Test
  void a_position_given_with_the_join_counts_more_than_the_stored_one() throws IOException {
    Subscription room = subscriptions.join(7, Position.BEGINNING);

    positions.load();
    subscriptions.loaded();

    assertThat(room.resumeFrom()).isEqualTo(Position.BEGINNING);
  }

  private static final class OneRoom implements PositionStore {
    @Override
    public Map<Topic, Position> load() {
      return Map.of(Topic.room(7), STORED);
    }

    @Override
    public void save(Map<Topic, Position> positions) {}
  }
}
