package io.gochat.server.messaging;

import java.util.List;

/**
 * What one commit appended to one topic. Immutable.
 *
 * @param topic where
 * @param epoch the epoch in which the sequences count
 * @param messages at least one, of consecutive sequences, ascending
 */
public record TopicBatch(Topic topic, long epoch, List<LoggedMessage> messages) {
  public TopicBatch {
    if (messages.isEmpty()) {
      throw new IllegalArgumentException("an empty batch of " + topic);
    }
  }

  /** The sequence of the first message. */
  public long firstSeq() {
    return messages.get(0).seq();
  }

  /** The sequence of the last message. */
  public long lastSeq() {
    return messages.get(messages.size() - 1).seq();
  }
}
