package io.gochat.server.simulation;

import io.gochat.server.messaging.Topic;

/** Topics as the wire says them. Stateless. */
final class Topics {
  private Topics() {}

  static io.gochat.protocol.Topic onWire(Topic topic) {
    io.gochat.protocol.Topic.Builder builder = io.gochat.protocol.Topic.newBuilder();
    return topic.isInbox()
        ? builder.setUserId(topic.id()).build()
        : builder.setRoomId(topic.id()).build();
  }

  static Topic of(io.gochat.protocol.Topic topic) {
    return topic.hasUserId() ? Topic.inbox(topic.getUserId()) : Topic.room(topic.getRoomId());
  }
}
