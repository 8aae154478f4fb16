package io.gochat.server.redis;

import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Speaks with {@code append.lua}. Confined to the committer thread. */
final class AppendCall {
  private static final Script APPEND = Script.load("message_id", "positions", "unread", "append");
  private static final byte[] NOTHING = new byte[0];
  private static final byte[] INBOX = Keys.bytes("i");
  private static final byte[] ROOM = Keys.bytes("r");
  private static final byte[] RECORDED_INBOX = Keys.bytes("I");
  private static final byte[] RECORDED_ROOM = Keys.bytes("R");
  // Above this, a notification costs Redis' output buffers more than a read of the log does.
  private static final int CARRIED_BYTES = 256 << 10;

  private final Keys names;
  private final Continuity continuity;
  private final InstantSource clock;
  private final List<byte[]> settings;
  private final List<byte[]> inboxBounds;
  private volatile TopicFilter recorded = TopicFilter.NONE;

  /** What goes to one topic in one call. */
  record Batch(Topic topic, List<Pending> pending) {}

  /**
   * One call, made ready. A second one with the same arguments appends the same messages.
   *
   * @param batches of different topics
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Call(List<Batch> batches, byte[][] keys, byte[][] arguments) {
    int messages() {
      return batches.stream().mapToInt(batch -> batch.pending().size()).sum();
    }
  }

  AppendCall(
      RedisOptions options,
      Keys keys,
      boolean sharded,
      Continuity continuity,
      InstantSource clock) {
    this.names = keys;
    this.continuity = continuity;
    this.clock = clock;
    Retention retention = options.retention();
    this.settings = List.of(
        Keys.bytes(options.dedupeWindow().toMillis()),
        Keys.bytes(retention.count()),
        Keys.bytes(retention.age().toMillis()),
        Keys.bytes(sharded ? "SPUBLISH" : "PUBLISH"),
        Keys.bytes(CARRIED_BYTES),
        Keys.bytes(options.waitForReplicas() > 0 ? "1" : "0"));
    this.inboxBounds = List.of(
        Keys.bytes(retention.inboxPerSender()),
        Keys.bytes(Retention.UNREAD_STAYS.toMillis()),
        Keys.bytes(retention.mostInInbox()));
  }

  /** From the next call on, messages of these topics are recorded in the outbox; from any thread. */
  void record(TopicFilter wanted) {
    recorded = wanted;
  }

  /** Makes a call ready; takes message ids. */
  Call prepare(List<Batch> batches) {
    long nowMs = clock.millis();
    List<byte[]> keys = new ArrayList<>();
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(Keys.bytes(nowMs));
    arguments.addAll(settings);
    arguments.add(Keys.bytes(continuity.epoch()));
    arguments.addAll(inboxBounds);
    TopicFilter wanted = recorded;
    for (Batch batch : batches) {
      Topic topic = batch.topic;
      boolean isRecorded = wanted.has(topic);
      addKeys(topic, isRecorded, keys);
      arguments.add(Keys.bytes(batch.pending.size()));
      arguments.add(kind(topic, isRecorded));
      for (Pending pending : batch.pending) {
        addMessage(pending.publication(), nowMs, arguments);
      }
    }
    return new Call(batches, keys.toArray(new byte[0][]), arguments.toArray(new byte[0][]));
  }

  private static byte[] kind(Topic topic, boolean isRecorded) {
    return topic.isInbox()
        ? isRecorded ? RECORDED_INBOX : INBOX
        : isRecorded ? RECORDED_ROOM : ROOM;
  }

  private void addKeys(Topic topic, boolean isRecorded, List<byte[]> keys) {
    keys.add(names.messages(topic));
    keys.add(names.state(topic));
    keys.add(names.dedupe(topic, 0));
    keys.add(names.dedupe(topic, 1));
    keys.add(names.channel(topic));
    if (topic.isInbox()) {
      keys.add(names.positions(topic.id()));
      keys.add(names.positionIds(topic.id()));
      keys.add(names.unreadCounts(topic.id()));
    }
    if (isRecorded) {
      keys.add(names.outbox(topic));
      keys.add(names.outboxEnd);
      keys.add(names.outboxTopics);
      keys.add(names.outboxBytes);
    }
  }

  private void addMessage(Publication publication, long nowMs, List<byte[]> arguments) {
    String key = publication.clientMessageId();
    long messageId = continuity.nextMessageId();
    arguments.add(key == null ? NOTHING : Keys.bytes(dedupeName(publication.fromUserId(), key)));
    arguments.add(key == null ? NOTHING : Keys.bytes(hash(sha256(publication.text()))));
    arguments.add(Keys.bytes(messageId));
    arguments.add(StoredMessage.encode(publication, messageId, nowMs));
    if (publication.topic().isInbox()) {
      arguments.add(publication.exempt() ? NOTHING : Keys.bytes(publication.fromUserId()));
    }
  }

  /** Sends it; {@code withSource} when Redis does not know the script. */
  CompletableFuture<List<Object>> send(
      RedisClusterAsyncCommands<byte[], byte[]> redis, Call call, boolean withSource) {
    return (withSource
            ? APPEND.callWithSource(redis, call.keys, call.arguments)
            : APPEND.callKnown(redis, call.keys, call.arguments))
        .toCompletableFuture();
  }

  /** What the script says of one message. */
  static PublishResult result(byte[] answer) {
    String text = new String(answer, StandardCharsets.US_ASCII);
    return switch (text.charAt(0)) {
      case 'c' -> PublishResult.ID_REUSED;
      case 'f' -> PublishResult.INBOX_FULL;
      case 's' -> PublishResult.SENT_TOO_MANY;
      default -> accepted(text);
    };
  }

  private static PublishResult.Accepted accepted(String text) {
    int colon = text.indexOf(':');
    return new PublishResult.Accepted(
        Long.parseLong(text, colon + 1, text.length(), 10),
        Long.parseLong(text, 1, colon, 10),
        text.charAt(0) == 'd');
  }

  /** Under which an answer is remembered in its topic. */
  static String dedupeName(long fromUserId, String clientMessageId) {
    return fromUserId + ":" + clientMessageId;
  }

  /** What is compared when a client message id comes again: 96 bits of the SHA-256 of the text. */
  static String hash(byte[] sha256) {
    return Base64.getEncoder().withoutPadding().encodeToString(Arrays.copyOf(sha256, 12));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
