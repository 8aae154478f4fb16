package io.gochat.server.frame;

import io.gochat.protocol.Publish;
import io.gochat.server.account.Account;
import io.gochat.server.messaging.Topic;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection's publishes from the first on whose recipient is still looked up, in the order in which they came: one
 * that is ready does not overtake one that is not. Confined to the connection's event loop; exists only while it is not
 * empty.
 */
final class PublishQueue {
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(2);

  /**
   * A publish in the queue.
   *
   * @param recipient the look-up of an inbox's owner; null for a room
   */
  record Waiting(
      long requestId,
      Topic topic,
      Publish publish,
      @Nullable CompletableFuture<Optional<Account>> recipient) {
    boolean isReady() {
      return recipient == null || recipient.isDone();
    }
  }

  void add(Waiting publish) {
    waiting.add(publish);
  }

  /** The first, if it is ready. */
  @Nullable
  Waiting pollReady() {
    Waiting first = waiting.peek();
    return first != null && first.isReady() ? waiting.poll() : null;
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
