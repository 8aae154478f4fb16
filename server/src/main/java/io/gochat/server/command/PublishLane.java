package io.gochat.server.command;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The order of one connection's publishes: one that is ready does not overtake one whose recipient is still looked up.
 * Confined to the connection's event loop.
 */
final class PublishLane {
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(2);

  private record Waiting(CompletableFuture<?> ready, Runnable publish) {}

  /** Takes a place now; {@code publish} runs in its turn, in the first {@link #drain} once {@code ready} is done. */
  void add(CompletableFuture<?> ready, Runnable publish) {
    waiting.add(new Waiting(ready, publish));
  }

  /** Runs those whose turn has come. */
  void drain() {
    for (Waiting next = pollReady(); next != null; next = pollReady()) {
      next.publish.run();
    }
  }

  private @Nullable Waiting pollReady() {
    Waiting first = waiting.peek();
    return first != null && first.ready.isDone() ? waiting.poll() : null;
  }

  /** The connection is gone: what waits is not published. */
  void close() {
    waiting.clear();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }
}
