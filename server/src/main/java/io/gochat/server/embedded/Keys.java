package io.gochat.server.embedded;

import io.gochat.server.messaging.Topic;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** How keys look on disk: big endian, so that their order is the order of what they mean. Stateless. */
final class Keys {
  static final int TOPIC_BYTES = 9;
  static final int MESSAGE_BYTES = TOPIC_BYTES + 8;

  private Keys() {}

  static byte[] ofLong(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  static long toLong(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getLong();
  }

  static void putTopic(ByteBuffer target, Topic topic) {
    target.put((byte) (topic.isInbox() ? 1 : 0)).putLong(topic.id());
  }

  static byte[] topic(Topic topic) {
    ByteBuffer key = ByteBuffer.allocate(TOPIC_BYTES);
    putTopic(key, topic);
    return key.array();
  }

  static Topic toTopic(byte[] key) {
    long id = ByteBuffer.wrap(key, 1, 8).getLong();
    return key[0] == 1 ? Topic.inbox(id) : Topic.room(id);
  }

  static byte[] message(Topic topic, long seq) {
    ByteBuffer key = ByteBuffer.allocate(MESSAGE_BYTES);
    putTopic(key, topic);
    return key.putLong(seq).array();
  }

  static long toSeq(byte[] messageKey) {
    return ByteBuffer.wrap(messageKey, TOPIC_BYTES, 8).getLong();
  }

  static byte[] position(long userId, String deviceId) {
    byte[] device = deviceId.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + device.length).putLong(userId).put(device).array();
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
