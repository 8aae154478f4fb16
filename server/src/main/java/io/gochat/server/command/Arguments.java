package io.gochat.server.command;

import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Limits;
import io.gochat.protocol.Position;
import io.gochat.server.failure.RefusedException;
import io.gochat.server.messaging.DeliveryStart.ClaimedPosition;
import io.gochat.server.messaging.Topic;

/** Topics, positions and ids as clients send them. Stateless; what is out of range is a {@link RefusedException}. */
final class Arguments {
  private Arguments() {}

  /** Any room, any inbox. */
  static Topic topic(io.gochat.protocol.Topic topic) {
    return switch (topic.getKindCase()) {
      case ROOM_ID -> room(topic.getRoomId());
      case USER_ID -> Topic.inbox(id("user_id", topic.getUserId()));
      case KIND_NOT_SET -> throw invalid("topic: room_id or user_id");
    };
  }

  /** Any room, and of the inboxes the user's own. */
  static Topic ownTopic(io.gochat.protocol.Topic wire, long userId) {
    Topic topic = topic(wire);
    if (topic.isInbox() && topic.id() != userId) {
      throw new RefusedException(ErrorKind.FORBIDDEN, "topic: another user's inbox");
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
      throw invalid(field + ": 1 to 2^53-1");
    }
    return value;
  }

  static long idOrAbsent(String field, long value) {
    if (value != 0 && !Limits.isId(value)) {
      throw invalid(field + ": 0 to 2^53-1");
    }
    return value;
  }

  static void requireShort(String field, String value, int maxChars) {
    if (value.codePointCount(0, value.length()) > maxChars) {
      throw invalid(field + ": over " + maxChars + " characters");
    }
  }

  static RefusedException invalid(String detail) {
    return new RefusedException(ErrorKind.INVALID_ARGUMENT, detail);
  }
}
