package io.gochat.server.redis;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.Failure;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.PublishResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a failed command means to whoever asked. Stateless. */
final class Failures {
  static final int RETRY_MS = 1_000;
  private static final int FULL_RETRY_MS = 5_000;

  private Failures() {}

  /** A read, or a write whose outcome is unknown. */
  static StoreUnavailableException unavailable(Throwable failure) {
    Throwable cause = Failure.cause(failure);
    return cause instanceof StoreUnavailableException known
        ? known
        : new StoreUnavailableException("Redis: " + cause.getMessage(), cause);
  }

  /** The same answer, with failures as {@link StoreUnavailableException}. */
  static <T> CompletableFuture<T> translated(CompletionStage<T> answer) {
    return answer
        .exceptionallyCompose(failure -> CompletableFuture.failedStage(unavailable(failure)))
        .toCompletableFuture();
  }

  /** An append that failed: not accepted if Redis refused it, else nobody knows. */
  static PublishResult publish(Throwable failure) {
    return WritePath.Refusal.of(failure)
        .filter(WritePath.Refusal::wroteNothing)
        .map(refusal -> new PublishResult.Refused(
            ErrorKind.OVERLOADED, "the store refuses: " + refusal.sentence(), FULL_RETRY_MS))
        .orElseGet(() -> new PublishResult.Refused(
            ErrorKind.STORE_UNAVAILABLE, "the store is unavailable", RETRY_MS));
  }
}
