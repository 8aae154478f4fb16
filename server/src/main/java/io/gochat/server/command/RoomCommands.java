package io.gochat.server.command;

import io.gochat.protocol.Done;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.Join;
import io.gochat.protocol.Joined;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Limits;
import io.gochat.protocol.RoomInfo;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.command.Command.Step;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.DeliveryStart.Missed;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.RoomPresence;
import org.jspecify.annotations.Nullable;

/** Joining, leaving and looking at rooms. Immutable. */
final class RoomCommands {
  private final CommandServices services;
  private final int maxRooms;

  RoomCommands(CommandServices services, int maxRooms) {
    this.services = services;
    this.maxRooms = maxRooms;
  }

  void join(Command command, Join join) {
    CommandConnection connection = command.connection();
    ConnectionTopics topics = connection.topics();
    Topic room = Arguments.room(join.getRoomId());
    ClaimedPosition from = from(join, room);
    if (!topics.isIn(room.id()) && topics.rooms() >= maxRooms) {
      throw new RefusedException(ErrorKind.TOO_MANY, "over " + maxRooms + " rooms");
    }
    topics.joining(room.id());
    command.after(services.messaging().startRoom(room.id(), from), new Joining(command, room));
  }

  private static @Nullable ClaimedPosition from(Join join, Topic room) {
    if (!join.hasFrom()) {
      return null;
    }
    if (join.getFrom().hasTopic() && !Arguments.topic(join.getFrom().getTopic()).equals(room)) {
      throw Arguments.invalid("from.topic: not the room to join");
    }
    return Arguments.position(join.getFrom());
  }

  void leave(Command command, Leave leave) {
    // Detached first: nothing of the room follows the Done.
    command.connection().topics().leave(Arguments.room(leave.getRoomId()));
    command.answer(ServerFrame.newBuilder().setDone(Done.getDefaultInstance()));
  }

  void info(Command command, GetRoomInfo info) {
    Topic room = Arguments.room(info.getRoomId());
    if (command.requestId() == 0) {
      return; // an answer that nobody wants is not worked for
    }
    RoomPresence.Room found = services.presence().room(room.id(), Limits.MAX_LISTED_MEMBERS);
    ServerFrame answer = ServerFrame.newBuilder()
        .setRequestId(command.requestId())
        .setRoomInfo(RoomInfo.newBuilder()
            .setRoomId(room.id())
            .setCount(found.count())
            .addAllMembers(found.members()))
        .build();
    command.answerIfRoom(command.connection().format().encoded(answer));
  }

  /** The gap of the start, if there is one, then delivery. */
  static void startDelivery(CommandConnection connection, Topic topic, DeliveryStart start) {
    Missed missed = start.gap();
    if (missed != null) {
      connection.send(
          Answers.gap(topic, missed.fromSeq(), missed.toSeq(), start.state().epoch()));
    }
    connection.attach(topic, start);
  }

  private record Joining(Command command, Topic room) implements Step<DeliveryStart> {
    @Override
    public void settled() {
      command.connection().topics().joiningSettled(room.id());
    }

    @Override
    public void completed(DeliveryStart start) {
      CommandConnection connection = command.connection();
      if (!connection.isOpen()) {
        return;
      }
      command.answer(ServerFrame.newBuilder()
          .setJoined(Joined.newBuilder()
              .setResumed(Answers.resumed(room, start))
              .setMemberCount(connection.topics().enter(room.id()))));
      startDelivery(connection, room, start);
    }
  }
}
