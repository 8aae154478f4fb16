package io.gochat.server.redis;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
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
  private static final Script APPEND = Script.load("append");
  private static final byte[] NOTHING = new byte[0];
  private static final int KEYS_PER_TOPIC = 5;
  // Above this, a notification costs Redis' output buffers more than a read of the log does.
  private static final int CARRIED_BYTES = 256 << 10;

  private final Keys names;
  private final Continuity continuity;
  private final InstantSource clock;
  private final List<byte[]> settings;

  /** What goes to one topic in one call. */
  record Batch(Topic topic, List<Committer.Pending> pending) {}

  /**
   * One call, made ready. A second one with the same arguments appends the same messages.
   *
   * @param batches of different topics
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Call(List<Batch> batches, byte[][] keys, byte[][] arguments) {}

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
  }

  /** Makes a call ready; takes message ids. */
  Call prepare(List<Batch> batches) {
    long nowMs = clock.millis();
    byte[][] keys = new byte[KEYS_PER_TOPIC * batches.size()][];
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(Keys.bytes(nowMs));
    arguments.addAll(settings);
    int at = 0;
    for (Batch batch : batches) {
      Topic topic = batch.topic;
      keys[at++] = names.messages(topic);
      keys[at++] = names.state(topic);
      keys[at++] = names.dedupe(topic, 0);
      keys[at++] = names.dedupe(topic, 1);
      keys[at++] = names.channel(topic);
      arguments.add(Keys.bytes(batch.pending.size()));
      for (Committer.Pending pending : batch.pending) {
        addMessage(pending.publication(), nowMs, arguments);
      }
    }
    return new Call(batches, keys, arguments.toArray(new byte[0][]));
  }

  private void addMessage(Publication publication, long nowMs, List<byte[]> arguments) {
    String key = publication.clientMessageId();
    long messageId = continuity.nextMessageId();
    arguments.add(key == null ? NOTHING : Keys.bytes(dedupeName(publication.fromUserId(), key)));
    arguments.add(key == null ? NOTHING : Keys.bytes(hash(sha256(publication.text()))));
    arguments.add(Keys.bytes(messageId));
    arguments.add(StoredMessage.encode(publication, messageId, nowMs));
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
    if (text.equals("c")) {
      return new PublishResult.Refused(
          ErrorKind.CLIENT_MESSAGE_ID_REUSED, "client_message_id: was used with another text", 0);
    }
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
