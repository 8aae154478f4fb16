package io.gochat.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** Completes the application's futures off the event loop, because what hangs on them may block. Thread-safe. */
final class Completions {
  private final Executor executor;

  Completions(Executor executor) {
    this.executor = executor;
  }

  <T> void succeed(CompletableFuture<T> future, T value) {
    run(() -> future.complete(value));
  }

  void succeed(CompletableFuture<Void> future) {
    run(() -> future.complete(null));
  }

  void fail(CompletableFuture<?> future, ChatException failure) {
    run(() -> future.completeExceptionally(failure));
  }

  private void run(Runnable completion) {
    try {
      executor.execute(completion);
    } catch (RejectedExecutionException e) {
      // The application's executor is shut down: a future that never completes would be worse than
      // a blocked loop.
      completion.run();
    }
  }
}
