package io.gochat.server.frame;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Position;
import io.gochat.protocol.Resumed;
import io.gochat.server.messaging.DeliveryStart;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.Topic;

/** Topics and positions as clients send and get them. Stateless; what is out of range is a {@link CommandRefused}. */
final class WireTopics {
  private WireTopics() {}

  static io.gochat.protocol.Topic toWire(Topic topic) {
    io.gochat.protocol.Topic.Builder builder = io.gochat.protocol.Topic.newBuilder();
    return topic.isInbox()
        ? builder.setUserId(topic.id()).build()
        : builder.setRoomId(topic.id()).build();
  }

  static Resumed toWire(Topic topic, DeliveryStart start) {
    return Resumed.newBuilder()
        .setTopic(toWire(topic))
        .setEpoch(start.state().epoch())
        .setSeq(start.state().lastSeq())
        .setRecovered(start.recovered())
        .setNextSeq(start.nextSeq())
        .build();
  }

  /** Any room, any inbox. */
  static Topic topic(io.gochat.protocol.Topic topic) {
    return switch (topic.getKindCase()) {
      case ROOM_ID -> room(topic.getRoomId());
      case USER_ID -> Topic.inbox(id("user_id", topic.getUserId()));
      case KIND_NOT_SET ->
        throw new CommandRefused(ErrorKind.INVALID_ARGUMENT, "topic: room_id or user_id");
    };
  }

  /** Any room, and of the inboxes the user's own. */
  static Topic ownTopic(io.gochat.protocol.Topic wire, long userId) {
    Topic topic = topic(wire);
    if (topic.isInbox() && topic.id() != userId) {
      throw new CommandRefused(ErrorKind.FORBIDDEN, "topic: another user's inbox");
    }
    return topic;
  }

  static Topic room(long roomId) {
    return Topic.room(id("room_id", roomId));
  }

  static ClaimedPosition position(Position position) {
    return new ClaimedPosition(
        idOrAbsent("epoch", position.getEpoch()),
        idOrAbsent("seq", position.getSeq()),
        idOrAbsent("message_id", position.getMessageId()));
  }

  static long id(String field, long value) {
    if (!Limits.isId(value)) {
      throw new CommandRefused(ErrorKind.INVALID_ARGUMENT, field + ": 1 to 2^53-1");
    }
    return value;
  }

  static long idOrAbsent(String field, long value) {
    if (value != 0 && !Limits.isId(value)) {
      throw new CommandRefused(ErrorKind.INVALID_ARGUMENT, field + ": 0 to 2^53-1");
    }
    return value;
  }
}
