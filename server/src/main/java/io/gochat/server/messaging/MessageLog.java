package io.gochat.server.messaging;

import io.gochat.server.failure.StoreUnavailableException;
import java.util.concurrent.CompletableFuture;

/**
 * The topic logs of a store. Thread-safe; no method blocks. Futures complete on the store's threads, never on the
 * caller's loop: callers hop back themselves. A read that the store cannot serve completes exceptionally with
 * {@link StoreUnavailableException}; a publish always completes with a {@link PublishResult}.
 */
public interface MessageLog {
  /**
   * Appends, once per client message id. Publishes of one caller thread to one topic are sequenced in call order.
   * The queue is bounded: beyond it the answer is {@code OVERLOADED}.
   */
  CompletableFuture<PublishResult> publish(Publication publication);

  /**
   * The topic's bounds, and the message id at {@code probeSeq} (0: nothing is asked). Reads no less than what was
   * committed before the call.
   */
  CompletableFuture<TopicState> state(Topic topic, long probeSeq);

  /**
   * Reads from {@code fromSeq} (at least 1) on, at most {@code maxMessages} and, beyond the first message, at most
   * {@code maxBytes} of serialized messages.
   */
  CompletableFuture<LogSlice> read(Topic topic, long fromSeq, int maxMessages, int maxBytes);

  /**
   * Drops what is retained of a topic, durably; its sequences go on, and who is behind learns of a gap as from any
   * retention.
   */
  default CompletableFuture<Void> dropHistory(Topic topic) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("this log keeps what it has"));
  }

  /** The store's epoch, 1 … 2^53-1, as last known here. */
  long epoch();

  /**
   * Up to which sequence the topic holds the same messages now as it did in {@code epoch}, which was in force earlier
   * in the life of this process; 0: nothing is known of that.
   */
  default CompletableFuture<Long> keptUntil(Topic topic, long epoch) {
    return CompletableFuture.completedFuture(0L);
  }

  /** Who hears of commits; set once, before the first publish. */
  void listener(CommitListener listener);

  /**
   * Somebody here wants this topic: completes when every commit from now on is notified. A store that notifies of
   * all commits answers at once. Not counted: one call of {@link #unwatch} ends it.
   */
  CompletableFuture<Void> watch(Topic topic);

  /** Nobody here wants this topic any more. */
  void unwatch(Topic topic);
}
