package io.gochat.server.frame;

import io.gochat.protocol.Done;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Gap;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.Join;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Limits;
import io.gochat.protocol.RoomInfo;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.frame.FrameConnection.Awaiting;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.DeliveryStart.Missed;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.RoomPresence;
import org.jspecify.annotations.Nullable;

/** Joining, leaving and looking at rooms. Immutable. */
final class RoomCommands {
  private final FrameServices services;
  private final int maxRooms;

  RoomCommands(FrameServices services, int maxRooms) {
    this.services = services;
    this.maxRooms = maxRooms;
  }

  /** False while an earlier Join of this room is under way: the later one counts. */
  boolean join(FrameConnection connection, long requestId, Join join) {
    Topic room = WireTopics.room(join.getRoomId());
    if (connection.topics().isJoining(room.id())) {
      return false;
    }
    ClaimedPosition from = from(join, room);
    if (!connection.topics().isIn(room.id()) && connection.topics().rooms() >= maxRooms) {
      throw new CommandRefused(ErrorKind.TOO_MANY, "over " + maxRooms + " rooms");
    }
    connection.topics().joining(room.id());
    connection.await(
        services.messaging().startRoom(room.id(), from),
        requestId,
        new Joining(connection, requestId, room));
    return true;
  }

  private static @Nullable ClaimedPosition from(Join join, Topic room) {
    if (!join.hasFrom()) {
      return null;
    }
    if (join.getFrom().hasTopic()
        && !WireTopics.topic(join.getFrom().getTopic()).equals(room)) {
      throw new CommandRefused(ErrorKind.INVALID_ARGUMENT, "from.topic: not the room to join");
    }
    return WireTopics.position(join.getFrom());
  }

  /** False while a Join of this room is under way: it comes first. */
  boolean leave(FrameConnection connection, long requestId, Leave leave) {
    Topic room = WireTopics.room(leave.getRoomId());
    if (connection.topics().isJoining(room.id())) {
      return false;
    }
    // Detached first: nothing of the room follows the Done.
    connection.topics().leave(room);
    connection.answer(requestId, ServerFrame.newBuilder().setDone(Done.getDefaultInstance()));
    return true;
  }

  void info(FrameConnection connection, long requestId, GetRoomInfo command) {
    Topic room = WireTopics.room(command.getRoomId());
    RoomPresence.Room found = services.presence().room(room.id(), Limits.MAX_LISTED_MEMBERS);
    connection.answer(
        requestId,
        ServerFrame.newBuilder()
            .setRoomInfo(RoomInfo.newBuilder()
                .setRoomId(room.id())
                .setCount(found.count())
                .addAllMembers(found.members())));
  }

  /** The gap of the start, if there is one, then delivery. */
  static void startDelivery(FrameConnection connection, Topic topic, DeliveryStart start) {
    Missed missed = start.gap();
    if (missed != null) {
      connection.send(ServerFrame.newBuilder()
          .setGap(Gap.newBuilder()
              .setTopic(WireTopics.toWire(topic))
              .setFromSeq(missed.fromSeq())
              .setToSeq(missed.toSeq())
              .setEpoch(start.state().epoch()))
          .build());
    }
    connection.attach(topic, start);
  }

  private static final class Joining implements Awaiting<DeliveryStart> {
    private final FrameConnection connection;
    private final long requestId;
    private final Topic room;

    Joining(FrameConnection connection, long requestId, Topic room) {
      this.connection = connection;
      this.requestId = requestId;
      this.room = room;
    }

    @Override
    public void settled() {
      connection.topics().joiningSettled(room.id());
    }

    @Override
    public void completed(DeliveryStart start) {
      if (!connection.isOpen()) {
        return;
      }
      connection.answer(
          requestId,
          ServerFrame.newBuilder()
              .setJoined(Joined.newBuilder()
                  .setResumed(WireTopics.toWire(room, start))
                  .setMemberCount(connection.topics().enter(room.id()))));
      startDelivery(connection, room, start);
    }
  }
}
