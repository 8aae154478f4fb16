package io.gochat.server.command;

import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.FanOut.Subscriber;
import io.gochat.server.registry.RoomPresence;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a signed-in connection is delivered, and in which rooms its user is present because of it. Confined to the
 * connection's event loop.
 */
final class ConnectionTopics {
  private final Connection connection;
  private final Subscriber subscriber;
  private final RoomPresence presence;
  private @Nullable RoomSet rooms;
  private @Nullable RoomSet joining;

  ConnectionTopics(Connection connection, Subscriber subscriber, RoomPresence presence) {
    this.connection = connection;
    this.subscriber = subscriber;
    this.presence = presence;
  }

  /** Delivers from there on. */
  void attach(Topic topic, DeliveryStart start) {
    subscriber.attach(topic, start.state().epoch(), start.nextSeq());
  }

  /** A turn to read the log: see {@link Subscriber#readTurn()}. */
  CompletableFuture<Void> readTurn() {
    return subscriber.readTurn();
  }

  void readOver() {
    subscriber.readOver();
  }

  /** The user is in the room from now on; returns how many users are. */
  int enter(long roomId) {
    if (isIn(roomId)) {
      return presence.room(roomId, 0).count();
    }
    if (rooms == null) {
      rooms = new RoomSet();
    }
    rooms.add(roomId);
    return presence.join(roomId, connection.userId(), connection.username());
  }

  /** Delivers nothing of the room from now on; without effect when it was not joined. */
  void leave(Topic room) {
    subscriber.detach(room);
    if (rooms != null && rooms.remove(room.id())) {
      presence.leave(room.id(), connection.userId());
    }
  }

  boolean isIn(long roomId) {
    return rooms != null && rooms.contains(roomId);
  }

  /** Rooms joined, or on the way in. */
  int rooms() {
    return (rooms == null ? 0 : rooms.size()) + (joining == null ? 0 : joining.size());
  }

  /** Whether a Join of the room is under way. */
  boolean isJoining(long roomId) {
    return joining != null && joining.contains(roomId);
  }

  void joining(long roomId) {
    if (joining == null) {
      joining = new RoomSet();
    }
    joining.add(roomId);
  }

  void joiningSettled(long roomId) {
    if (joining != null && joining.remove(roomId) && joining.size() == 0) {
      joining = null;
    }
  }

  /** Delivers nothing any more and leaves all rooms. */
  void close() {
    subscriber.close();
    if (rooms != null) {
      for (long room : rooms.toArray()) {
        presence.leave(room, connection.userId());
      }
      rooms = null;
    }
  }
}
