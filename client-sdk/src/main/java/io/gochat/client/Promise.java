package io.gochat.client;

import java.util.concurrent.CompletableFuture;

/**
 * What one call of the application waits for, and the place that it holds among those that wait. Thread-safe; kept or
 * broken once.
 */
final class Promise<T> {
  private final CompletableFuture<T> future = new CompletableFuture<>();
  private final Admission admission;
  private final Completions completions;

  /** For a call that {@code admission} let in. */
  Promise(Admission admission, Completions completions) {
    this.admission = admission;
    this.completions = completions;
  }

  /** For the application. */
  CompletableFuture<T> future() {
    return future;
  }

  void succeed(T value) {
    leave();
    completions.succeed(future, value);
  }

  void fail(ChatException failure) {
    leave();
    completions.fail(future, failure);
  }

  private void leave() {
    CompletableFuture<Void> ready = admission.leave();
    if (ready != null) {
      completions.succeed(ready);
    }
  }
}
