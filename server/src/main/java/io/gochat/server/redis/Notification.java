package io.gochat.server.redis;

import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code append.lua} tells the other nodes. Immutable.
 *
 * @param topic where
 * @param lastSeq the end of the log now
 * @param messages the batch; empty when it was too large to be carried
 */
record Notification(Topic topic, long lastSeq, List<LoggedMessage> messages) {
  /** Null when it is not one of ours. */
  static @Nullable Notification parse(Keys keys, byte[] channel, byte[] payload) {
    Topic topic = keys.topicOf(channel);
    if (topic == null || payload.length < 2) {
      return null;
    }
    try {
      if (payload[0] == 'E') {
        return new Notification(topic, number(payload, 1, payload.length), List.of());
      }
      return payload[0] == 'B' ? batch(topic, payload) : null;
    } catch (IllegalArgumentException | IllegalStateException | BufferUnderflowException e) {
      return null;
    }
  }

  private static @Nullable Notification batch(Topic topic, byte[] payload) {
    int colon = colonFrom(payload, 1);
    int second = colon < 0 ? -1 : colonFrom(payload, colon + 1);
    if (second < 0) {
      return null;
    }
    long seq = number(payload, 1, colon);
    long createdAtMs = number(payload, colon + 1, second);
    ByteBuffer rest = ByteBuffer.wrap(payload, second + 1, payload.length - second - 1);
    List<LoggedMessage> messages = new ArrayList<>();
    while (rest.hasRemaining()) {
      int length = rest.getInt();
      if (length < 0 || length > rest.remaining()) {
        return null;
      }
      byte[] stored = new byte[length];
      rest.get(stored);
      messages.add(StoredMessage.logged(stored, seq++, createdAtMs));
    }
    return messages.isEmpty() ? null : new Notification(topic, seq - 1, messages);
  }

  private static int colonFrom(byte[] payload, int from) {
    for (int i = from; i < payload.length; i++) {
      if (payload[i] == ':') {
        return i;
      }
    }
    return -1;
  }

  private static long number(byte[] payload, int from, int to) {
    return Long.parseLong(new String(payload, from, to - from, StandardCharsets.US_ASCII));
  }
}
