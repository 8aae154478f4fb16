package io.gochat.server.redis;

import io.gochat.protocol.ErrorKind;
import io.gochat.server.failure.Failure;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.messaging.PublishResult;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** What a failed command means to whoever asked. Stateless. */
final class Failures {
  static final int RETRY_MS = 1_000;
  private static final int FULL_RETRY_MS = 5_000;
  private static final long TOOL_SECONDS = 60;

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

  /**
   * The answer, for who does nothing else meanwhile: a tool. Blocks, for a minute at most.
   *
   * @throws RedisOpenException as it was said
   * @throws IOException when there is none
   */
  static <T extends @Nullable Object> T await(CompletionStage<T> answer) throws IOException {
    try {
      return answer.toCompletableFuture().get(TOOL_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      if (Failure.cause(e) instanceof RedisOpenException refused) {
        throw refused;
      }
      throw new IOException("Redis did not take it: " + Failure.cause(e).getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
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
