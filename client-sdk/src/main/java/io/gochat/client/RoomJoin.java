package io.gochat.client;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Join;
import io.gochat.protocol.ServerFrame;
import java.util.function.Consumer;

/** The request that starts the delivery of a room. Stateless. */
final class RoomJoin {
  private RoomJoin() {}

  /** For the application; {@code joined} or {@code failed} is called once. */
  static Request request(
      Subscription room,
      Subscriptions subscriptions,
      Consumer<JoinedRoom> joined,
      Consumer<ChatException> failed,
      long deadlineMs) {
    return new Request(
        Request.Kind.PLAIN,
        () -> frame(room),
        answer -> take(answer, room, subscriptions, joined),
        failure -> {
          if (!room.isAnswered()) {
            subscriptions.drop(room);
          }
          failed.accept(failure);
        },
        () -> !subscriptions.isCurrent(room),
        deadlineMs);
  }

  /** After a reconnect that did not bring the room back by itself; nobody waits for the answer. */
  static Request again(Subscription room, Subscriptions subscriptions) {
    return new Request(
        Request.Kind.REJOIN,
        () -> frame(room),
        answer -> take(answer, room, subscriptions, joined -> {}),
        failure -> {},
        () -> !subscriptions.isCurrent(room),
        Long.MAX_VALUE);
  }

  private static ClientFrame.Builder frame(Subscription room) {
    // What the server sends until it has answered belongs to the earlier start.
    room.pause();
    Join.Builder join = Join.newBuilder().setRoomId(room.topic().id());
    Position from = room.resumeFrom();
    if (from != null) {
      join.setFrom(Wire.position(room.topic(), from));
    }
    return ClientFrame.newBuilder().setJoin(join);
  }

  private static boolean take(
      ServerFrame answer,
      Subscription room,
      Subscriptions subscriptions,
      Consumer<JoinedRoom> joined) {
    if (answer.getEventCase() != ServerFrame.EventCase.JOINED) {
      return false;
    }
    if (subscriptions.isCurrent(room)) {
      room.startsAt(answer.getJoined().getResumed());
    }
    joined.accept(Wire.joined(room.topic().id(), answer.getJoined()));
    return true;
  }
}
