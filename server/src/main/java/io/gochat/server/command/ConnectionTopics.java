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
  private @Nullable RoomSet joining;

  /** The room that the user is in already, and that is not delivered yet; 0: none. */
  private long entered;

  ConnectionTopics(Connection connection, Subscriber subscriber, RoomPresence presence) {
    this.connection = connection;
    this.subscriber = subscriber;
    this.presence = presence;
  }

  /** Delivers from there on. */
  void attach(Topic topic, DeliveryStart start) {
    subscriber.attach(topic, start.state().epoch(), start.nextSeq());
    if (topic.isInbox() || subscriber.isAttached(topic)) {
      entered = 0; // else it was closed meanwhile, and who entered leaves with the connection
    }
  }

  /** A turn to read the log: see {@link Subscriber#readTurn()}. */
  CompletableFuture<Void> readTurn() {
    return subscriber.readTurn();
  }

  void readOver() {
    subscriber.readOver();
  }

  /** The user is in the room from now on; returns how many users are. {@link #attach} follows. */
  int enter(long roomId) {
    if (isIn(roomId)) {
      return presence.room(roomId, 0).count();
    }
    leaveEntered(); // whoever entered it came no further
    entered = roomId;
    return presence.join(roomId, connection.userId(), connection.username());
  }

  private void leaveEntered() {
    if (entered != 0) {
      presence.leave(entered, connection.userId());
      entered = 0;
    }
  }

  /** Delivers nothing of the room from now on; without effect when it was not joined. */
  void leave(Topic room) {
    if (subscriber.isAttached(room)) {
      subscriber.detach(room);
      presence.leave(room.id(), connection.userId());
    }
  }

  boolean isIn(long roomId) {
    return subscriber.isAttached(Topic.room(roomId));
  }

  /** Rooms joined, or on the way in. */
  int rooms() {
    return subscriber.rooms() + (joining == null ? 0 : joining.size());
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
    leaveEntered();
    for (Topic topic : subscriber.close()) {
      if (!topic.isInbox()) {
        presence.leave(topic.id(), connection.userId());
      }
    }
  }
}
