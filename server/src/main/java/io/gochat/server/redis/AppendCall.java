package io.gochat.server.redis;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Speaks with {@code append.lua}. Confined to the committer thread. */
final class AppendCall {
  private static final Script APPEND = Script.load("append");
  private static final byte[] NOTHING = new byte[0];
  private static final int FIRST_MESSAGE = 7;
  // Above this, a notification costs Redis' output buffers more than a read of the log does.
  private static final int CARRIED_BYTES = 256 << 10;

  private final Keys names;
  private final Continuity continuity;
  private final InstantSource clock;
  private final byte[][] settings;

  /** What goes to one topic in one call. */
  record Call(Topic topic, List<Committer.Pending> pending) {}

  AppendCall(
      RedisOptions options,
      Keys keys,
      boolean sharded,
      Continuity continuity,
      InstantSource clock) {
    this.names = keys;
    this.continuity = continuity;
    this.clock = clock;
    TopicLimits limits = options.limits();
    this.settings = new byte[][] {
      NOTHING, // the time
      Keys.bytes(limits.dedupeWindow().toMillis()),
      Keys.bytes(limits.retentionCount()),
      Keys.bytes(limits.retentionAge().toMillis()),
      Keys.bytes(sharded ? "SPUBLISH" : "PUBLISH"),
      Keys.bytes(CARRIED_BYTES),
      Keys.bytes(options.waitForReplicas() > 0 ? "1" : "0")
    };
  }

  /** The arguments; takes message ids. A second call with the same ones appends the same messages. */
  byte[][] arguments(Call call) {
    long nowMs = clock.millis();
    byte[][] arguments = Arrays.copyOf(settings, FIRST_MESSAGE + 4 * call.pending.size());
    arguments[0] = Keys.bytes(nowMs);
    int at = FIRST_MESSAGE;
    for (Committer.Pending pending : call.pending) {
      Publication publication = pending.publication();
      String key = publication.clientMessageId();
      long messageId = continuity.nextMessageId();
      arguments[at++] =
          key == null ? NOTHING : Keys.bytes(dedupeName(publication.fromUserId(), key));
      arguments[at++] = key == null ? NOTHING : Keys.bytes(hash(sha256(publication.text())));
      arguments[at++] = Keys.bytes(messageId);
      arguments[at++] = StoredMessage.encode(publication, messageId, nowMs);
    }
    return arguments;
  }

  CompletableFuture<List<Object>> send(
      RedisClusterAsyncCommands<byte[], byte[]> redis,
      Call call,
      byte[][] arguments,
      boolean withSource) {
    Topic topic = call.topic;
    byte[][] keys = {
      names.messages(topic),
      names.state(topic),
      names.dedupe(topic, 0),
      names.dedupe(topic, 1),
      names.channel(topic)
    };
    return (withSource
            ? APPEND.callWithSource(redis, keys, arguments)
            : APPEND.callKnown(redis, keys, arguments))
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
