package io.gochat.bench.verify;

import io.gochat.client.Position;
import io.gochat.client.PositionStore;
import io.gochat.client.Topic;
import java.util.Map;

/**
 * The position store of one life of a receiver: it begins with what the life before had saved, and takes nothing more
 * once that life has crashed. Thread-safe.
 */
final class LifeStore implements PositionStore {
  private final Map<Topic, Position> atStart;
  private Map<Topic, Position> saved;
  private boolean frozen;

  LifeStore(Map<Topic, Position> atStart) {
    this.atStart = Map.copyOf(atStart);
    this.saved = this.atStart;
  }

  /** What this life resumes from. */
  Map<Topic, Position> atStart() {
    return atStart;
  }

  /** The process dies: returns what its successor will find, and forgets what is saved later. */
  synchronized Map<Topic, Position> freeze() {
    frozen = true;
    return saved;
  }

  @Override
  public Map<Topic, Position> load() {
    return atStart;
  }

  @Override
  public synchronized void save(Map<Topic, Position> positions) {
    if (!frozen) {
      saved = Map.copyOf(positions);
    }
  }
}
