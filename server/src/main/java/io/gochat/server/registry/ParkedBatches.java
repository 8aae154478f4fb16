package io.gochat.server.registry;

import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.TopicBatch;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Batches of one topic that arrived while the log was read, in order and within a bound: beyond it they are forgotten,
 * because they are in the log. Confined to an event loop; {@link #NONE} is shared and stays empty.
 */
final class ParkedBatches {
  /** No batches; what most topics have. */
  static final ParkedBatches NONE = new ParkedBatches();

  private static final int MAX_BYTES = 1024 * 1024;

  private final ArrayDeque<TopicBatch> batches = new ArrayDeque<>(4);
  private long bytes;

  /** These and one more, or none when that is too much; this object is not used any more. */
  ParkedBatches and(TopicBatch batch) {
    long added = 0;
    for (LoggedMessage message : batch.messages()) {
      added += message.bytes().length;
    }
    if (bytes + added > MAX_BYTES) {
      return NONE;
    }
    ParkedBatches all = this == NONE ? new ParkedBatches() : this;
    all.batches.add(batch);
    all.bytes += added;
    return all;
  }

  /** The first; null when there is none. */
  @Nullable
  TopicBatch peek() {
    return batches.peek();
  }

  /** These without the first; this object is not used any more. */
  ParkedBatches withoutFirst() {
    batches.remove();
    return batches.isEmpty() ? NONE : this;
  }
}
