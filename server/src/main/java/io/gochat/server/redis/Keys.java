package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The names of everything in Redis. Stateless. All keys of a topic carry the same hash tag, {@code {r:7}} or
 * {@code {i:42}}, so that one script may touch them in a cluster.
 */
final class Keys {
  static final byte[] EPOCH = bytes("gochat:epoch");
  static final byte[] MESSAGE_IDS = bytes("gochat:ids:message");
  static final byte[] USER_IDS = bytes("gochat:ids:user");
  static final byte[] PRESENCE = bytes("gochat:presence");
  static final byte[] PRESENT_NODES = bytes("gochat:presence-nodes");
  static final byte[] DEVICES = bytes("gochat:devices");
  /** There while a data directory is being moved into this Redis. */
  static final byte[] IMPORT = bytes("gochat:import");

  static final byte[] REVOCATIONS = bytes("gochat:revocations");

  private static final String PREFIX = "gochat:{";
  private static final String CHANNEL = "}:n";

  private Keys() {}

  static byte[] messages(Topic topic) {
    return ofTopic(topic, "m");
  }

  static byte[] state(Topic topic) {
    return ofTopic(topic, "s");
  }

  /** The client message ids of even ({@code parity} 0) or odd (1) windows. */
  static byte[] dedupe(Topic topic, int parity) {
    return ofTopic(topic, "d" + parity);
  }

  static byte[] channel(Topic topic) {
    return ofTopic(topic, "n");
  }

  static byte[] positions(long userId) {
    return ofTopic(Topic.inbox(userId), "p");
  }

  static byte[] name(String key) {
    return bytes("gochat:name:" + key);
  }

  static byte[] user(long userId) {
    return bytes("gochat:user:" + userId);
  }

  static byte[] node(String name) {
    return bytes("gochat:node:" + name);
  }

  static byte[] session(String sessionId) {
    return bytes("gochat:session:" + sessionId);
  }

  /** The topic of a channel; null when it is none of ours. */
  static @Nullable Topic topicOf(byte[] channel) {
    String name = new String(channel, StandardCharsets.US_ASCII);
    int end = name.length() - CHANNEL.length();
    if (!name.startsWith(PREFIX) || !name.endsWith(CHANNEL) || end < PREFIX.length() + 3) {
      return null;
    }
    try {
      long id = Long.parseLong(name, PREFIX.length() + 2, end, 10);
      return name.charAt(PREFIX.length()) == 'i' ? Topic.inbox(id) : Topic.room(id);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(long number) {
    return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
  }

  static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  static long number(byte[] digits) {
    return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
  }

  private static byte[] ofTopic(Topic topic, String what) {
    return bytes(PREFIX + (topic.isInbox() ? "i:" : "r:") + topic.id() + "}:" + what);
  }
}
