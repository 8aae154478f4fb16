package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The names of everything of one deployment in Redis. Immutable. All keys of a topic carry the same hash tag, {@code {r:7}}
 * or {@code {i:42}}, so that one script may touch them in a cluster. Channels carry the number of the database as well,
 * because pub/sub knows none: two deployments on one Redis differ in their prefix or in their database, and never hear of
 * each other.
 */
final class Keys {
  /** In front of everything unless something else is asked for. */
  static final String DEFAULT_PREFIX = "gochat:";

  private static final String OUTBOX = "}:o";

  final byte[] epoch;
  final byte[] format;
  final byte[] messageIds;
  final byte[] userIds;
  final byte[] presence;
  final byte[] presentNodes;
  final byte[] devices;
  final byte[] revocations;

  /** The settings that must be the same on all nodes. */
  final byte[] settings;

  /** Messages, state and channel of a topic that is written now and then, to see whether Redis takes it. */
  final List<byte[]> probe;

  /** Of nothing: what rights there are is tried on it. */
  final byte[] nobodys;

  /** There while a data directory is being moved into this Redis. */
  final byte[] imported;

  final byte[] outboxLease;
  final byte[] outboxTerm;
  final byte[] outboxEnd;
  final byte[] outboxTopics;
  final byte[] outboxBytes;
  final byte[] outboxBegins;

  private final String prefix;
  private final String topics;
  private final String channel;

  /** Of the deployment with this prefix, which holds no brace, in this database. */
  Keys(String prefix, int database) {
    if (prefix.indexOf('{') >= 0 || prefix.indexOf('}') >= 0) {
      throw new IllegalArgumentException("prefix: no braces");
    }
    this.prefix = prefix;
    this.topics = prefix + "{";
    this.channel = "}:n" + database;
    this.epoch = bytes(prefix + "epoch");
    this.format = bytes(prefix + "format");
    this.messageIds = bytes(prefix + "ids:message");
    this.userIds = bytes(prefix + "ids:user");
    this.presence = bytes(prefix + "presence");
    this.presentNodes = bytes(prefix + "presence-nodes");
    this.devices = bytes(prefix + "devices");
    this.revocations = bytes(prefix + "revocations");
    this.settings = bytes(prefix + "settings");
    this.probe = List.of(
        bytes(topics + "probe}:m"), bytes(topics + "probe}:s"), bytes(topics + "probe" + channel));
    this.nobodys = bytes(topics + "probe}:r");
    this.imported = bytes(prefix + "import");
    this.outboxLease = bytes(prefix + "outbox:lease");
    this.outboxTerm = bytes(prefix + "outbox:term");
    this.outboxEnd = bytes(prefix + "outbox:end");
    this.outboxTopics = bytes(prefix + "outbox:topics");
    this.outboxBytes = bytes(prefix + "outbox:bytes");
    this.outboxBegins = bytes(prefix + "outbox:begins");
  }

  String prefix() {
    return prefix;
  }

  byte[] messages(Topic topic) {
    return ofTopic(topic, "}:m");
  }

  byte[] state(Topic topic) {
    return ofTopic(topic, "}:s");
  }

  /** The client message ids of even ({@code parity} 0) or odd (1) windows. */
  byte[] dedupe(Topic topic, int parity) {
    return ofTopic(topic, "}:d" + parity);
  }

  /** What others are still to be told of the topic. */
  byte[] outbox(Topic topic) {
    return ofTopic(topic, OUTBOX);
  }

  /** In front of a topic's name in {@link #outbox}. */
  byte[] beforeTopic() {
    return bytes(topics);
  }

  /** Behind it. */
  static byte[] behindTopicOfOutbox() {
    return bytes(OUTBOX);
  }

  /** The rows of a table of the outbox. */
  byte[] outboxRows(String table) {
    return bytes(prefix + "outbox:" + table);
  }

  /** Their names, in order. */
  byte[] outboxNames(String table) {
    return bytes(prefix + "outbox:" + table + ":names");
  }

  /** A topic as it stands in braces. */
  static String name(Topic topic) {
    return (topic.isInbox() ? "i:" : "r:") + topic.id();
  }

  /** What {@link #name(Topic)} made. */
  static Topic topic(String name) {
    long id = Long.parseLong(name, 2, name.length(), 10);
    return name.charAt(0) == 'i' ? Topic.inbox(id) : Topic.room(id);
  }

  byte[] channel(Topic topic) {
    return ofTopic(topic, channel);
  }

  byte[] positions(long userId) {
    return ofTopic(Topic.inbox(userId), "}:p");
  }

  /** The ids of the messages at those positions. */
  byte[] positionIds(long userId) {
    return ofTopic(Topic.inbox(userId), "}:pi");
  }

  /** How many messages of each sender its owner has not read. */
  byte[] unreadCounts(long userId) {
    return ofTopic(Topic.inbox(userId), "}:n");
  }

  byte[] name(String key) {
    return bytes(prefix + "name:" + key);
  }

  byte[] user(long userId) {
    return bytes(prefix + "user:" + userId);
  }

  byte[] node(String name) {
    return bytes(prefix + "node:" + name);
  }

  byte[] presenceOf(String process) {
    return bytes(prefix + "presence:" + process);
  }

  byte[] session(String sessionId) {
    return bytes(prefix + "session:" + sessionId);
  }

  byte[] sessionsOf(long userId) {
    return bytes(prefix + "sessions:" + userId);
  }

  /** The topic of a channel; null when it is none of ours. */
  @Nullable
  Topic topicOf(byte[] name) {
    String text = new String(name, StandardCharsets.UTF_8);
    int start = topics.length();
    int end = text.length() - channel.length();
    if (!text.startsWith(topics) || !text.endsWith(channel) || end < start + 3) {
      return null;
    }
    try {
      long id = Long.parseLong(text, start + 2, end, 10);
      return text.charAt(start) == 'i' ? Topic.inbox(id) : Topic.room(id);
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

  private byte[] ofTopic(Topic topic, String what) {
    return bytes(topics + name(topic) + what);
  }
}
