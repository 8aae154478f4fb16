package io.gochat.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request that failed. Immutable. */
public final class ChatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Failure failure;
  private final @Nullable CloseReason closeReason;
  private final int retryAfterMs;

  ChatException(Failure failure, String message) {
    this(failure, message, 0, null);
  }

  ChatException(Failure failure, String message, int retryAfterMs) {
    this(failure, message, retryAfterMs, null);
  }

  private ChatException(
      Failure failure, String message, int retryAfterMs, @Nullable CloseReason closeReason) {
    super(failure + ": " + message);
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
    this.closeReason = closeReason;
  }

  static ChatException closed(CloseReason reason, String detail) {
    String text =
        detail.isEmpty() ? "client closed, " + reason : "client closed, " + reason + ", " + detail;
    return new ChatException(reason.failure(), text, 0, reason);
  }

  static ChatException of(io.gochat.protocol.Error error) {
    return new ChatException(
        Failure.of(error.getCode()), error.getMessage(), Math.max(0, error.getRetryAfterMs()));
  }

  /** What went wrong. */
  public Failure failure() {
    return failure;
  }

  /** Whether the same request may succeed later. */
  public boolean retryable() {
    return failure.retryable();
  }

  /** After how many milliseconds the server suggests to try again; 0: it did not say. */
  public int retryAfterMs() {
    return retryAfterMs;
  }

  /** Why the client is closed, where that is the cause. */
  public Optional<CloseReason> closeReason() {
    return Optional.ofNullable(closeReason);
  }
}
