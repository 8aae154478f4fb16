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

  private record Waiting(Command command, CompletableFuture<?> ready, Runnable submit) {}

  /** Takes the command's place now; {@code submit} runs as a step of it in its turn, once {@code ready} is done. */
  void add(Command command, CompletableFuture<?> ready, Runnable submit) {
    command.suspend();
    waiting.add(new Waiting(command, ready, submit));
    ready.whenComplete((done, failure) -> command.connection().execute(this::drain));
  }

  /** The connection is gone: what waits is not published. */
  void close() {
    waiting.clear();
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  private void drain() {
    for (Waiting next = pollReady(); next != null; next = pollReady()) {
      next.command.resume(next.submit);
    }
  }

  private @Nullable Waiting pollReady() {
    Waiting first = waiting.peek();
    return first != null && first.ready.isDone() ? waiting.poll() : null;
  }
}
