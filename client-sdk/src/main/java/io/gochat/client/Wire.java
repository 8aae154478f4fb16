package io.gochat.client;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one mapping between what is on the wire and what the application sees. Stateless. */
final class Wire {
  private Wire() {}

  static io.gochat.protocol.Topic topic(Topic topic) {
    var wire = io.gochat.protocol.Topic.newBuilder();
    return topic instanceof Topic.Room
        ? wire.setRoomId(topic.id()).build()
        : wire.setUserId(topic.id()).build();
  }

  /** Null when it is neither a room nor an inbox, which a newer server may send. */
  static @Nullable Topic topic(io.gochat.protocol.Topic wire) {
    return switch (wire.getKindCase()) {
      case ROOM_ID -> wire.getRoomId() > 0 ? Topic.room(wire.getRoomId()) : null;
      case USER_ID -> wire.getUserId() > 0 ? Topic.user(wire.getUserId()) : null;
      case KIND_NOT_SET -> null;
    };
  }

  static io.gochat.protocol.Position position(Topic topic, Position position) {
    return io.gochat.protocol.Position.newBuilder()
        .setTopic(topic(topic))
        .setEpoch(position.epoch())
        .setSeq(position.seq())
        .setMessageId(position.messageId())
        .build();
  }

  static Message message(Topic topic, long epoch, io.gochat.protocol.Message wire) {
    return new Message(
        topic,
        epoch,
        wire.getSeq(),
        wire.getMessageId(),
        wire.getFromUserId(),
        wire.getFromUserName(),
        wire.getToUserId(),
        wire.getToUserName(),
        wire.getText(),
        Instant.ofEpochMilli(wire.getCreatedAtMs()));
  }

  static Published published(io.gochat.protocol.Published wire) {
    return new Published(wire.getMessageId(), wire.getSeq(), wire.getDuplicate());
  }

  static History history(Topic topic, io.gochat.protocol.History wire) {
    List<Message> messages = wire.getMessagesList().stream()
        .map(m -> message(topic, wire.getEpoch(), m))
        .toList();
    return new History(messages, wire.getFirstSeq(), wire.getLastSeq(), wire.getEpoch());
  }

  static RoomInfo roomInfo(io.gochat.protocol.RoomInfo wire) {
    return new RoomInfo(wire.getRoomId(), wire.getCount(), members(wire.getMembersList()));
  }

  static Presence presence(io.gochat.protocol.Presence wire) {
    return new Presence(
        wire.getRoomId(),
        wire.getCount(),
        members(wire.getJoinedList()),
        members(wire.getLeftList()));
  }

  static JoinedRoom joined(long roomId, io.gochat.protocol.Joined wire) {
    var resumed = wire.getResumed();
    return new JoinedRoom(
        roomId, wire.getMemberCount(), resumed.getNextSeq(), resumed.getRecovered());
  }

  private static List<Member> members(List<io.gochat.protocol.Member> wire) {
    return wire.stream().map(m -> new Member(m.getUserId(), m.getUsername())).toList();
  }
}
