package io.gochat.client;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the application is done with, per topic: acknowledged to the server (the inbox) and kept in the position store.
 * Thread-safe; {@link #load} and {@link #save} block and are called by one thread at a time, without the lock.
 */
final class Positions {
  private final Optional<PositionStore> store;
  private final AckMode mode;
  private final Map<Topic, Position> done = new HashMap<>();

  /** The epoch of what was handed over last: an acknowledgement of an earlier epoch comes too late. */
  private final Map<Topic, Long> handedEpoch = new HashMap<>();

  /** Confined to whoever saves. */
  private boolean failing;

  private boolean moved;
  private boolean unsaved;

  Positions(Optional<PositionStore> store, AckMode mode) {
    this.store = store;
    this.mode = mode;
  }

  /** Reads the store. */
  void load() throws IOException {
    if (store.isPresent()) {
      Map<Topic, Position> stored = store.get().load();
      synchronized (this) {
        done.putAll(stored);
      }
    }
  }

  /** The listeners have returned from what stands at {@code position}. */
  synchronized void handedOver(Topic topic, Position position) {
    handedEpoch.put(topic, position.epoch());
    if (mode == AckMode.AUTO) {
      put(topic, position);
    }
  }

  /** The application says that it is done with everything up to {@code position}. */
  synchronized void acknowledged(Topic topic, Position position) {
    Long epoch = handedEpoch.get(topic);
    if (epoch != null && epoch != position.epoch()) {
      return;
    }
    Position before = done.get(topic);
    if (before == null || before.epoch() != position.epoch() || before.seq() < position.seq()) {
      put(topic, position);
    }
  }

  /** The room was left: the next join starts afresh. */
  synchronized void forget(Topic topic) {
    handedEpoch.remove(topic);
    if (done.remove(topic) != null) {
      unsaved = true;
    }
  }

  synchronized Optional<Position> of(Topic topic) {
    return Optional.ofNullable(done.get(topic));
  }

  /** The inbox that the store knows; before the first {@code Welcome} we may not know our own id. */
  synchronized Optional<Topic> storedInbox() {
    return done.keySet().stream().filter(Topic.User.class::isInstance).findFirst();
  }

  /** Writes the store if anything changed. Returns whether any position moved since the last call. */
  boolean save() {
    Map<Topic, Position> copy = Map.of();
    boolean result;
    boolean write;
    synchronized (this) {
      result = moved;
      write = unsaved && store.isPresent();
      moved = false;
      unsaved = false;
      if (write) {
        copy = new HashMap<>(done);
      }
    }
    if (write) {
      write(store.orElseThrow(), copy);
    }
    return result;
  }

  private void write(PositionStore store, Map<Topic, Position> positions) {
    try {
      store.save(positions);
      failing = false;
    } catch (IOException | RuntimeException | Error e) {
      if (!failing) {
        failing = true;
        ClientLog.LOG.warn(
            "the position store fails ({}); a crash now would deliver more again", e.toString());
      }
      synchronized (this) {
        unsaved = true;
      }
    }
  }

  private void put(Topic topic, Position position) {
    done.put(topic, position);
    moved = true;
    unsaved = true;
  }
}
