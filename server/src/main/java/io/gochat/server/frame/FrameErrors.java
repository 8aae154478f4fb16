package io.gochat.server.frame;

import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.GoAway;
import io.gochat.server.messaging.StoreUnavailableException;
import io.gochat.server.registry.CloseReason;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;

/** The one place where failures become {@code Error} and {@code GoAway}. Stateless. */
final class FrameErrors {
  /** When trying again makes sense if nobody knows better. */
  private static final int RETRY_AFTER_MS = 1_000;

  private FrameErrors() {}

  static Error error(ErrorKind kind, String detail, int retryAfterMs) {
    return Error.newBuilder()
        .setCode(kind.frameCode())
        .setMessage(detail)
        .setRetryAfterMs(retryAfterMs > 0 ? retryAfterMs : defaultRetryAfterMs(kind))
        .setFatal(kind == ErrorKind.TOKEN_INVALID)
        .build();
  }

  private static int defaultRetryAfterMs(ErrorKind kind) {
    return kind == ErrorKind.STORE_UNAVAILABLE || kind == ErrorKind.OVERLOADED ? RETRY_AFTER_MS : 0;
  }

  /** What a failed future means to the client. */
  static ErrorKind kindOf(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    if (cause instanceof StoreUnavailableException) {
      return ErrorKind.STORE_UNAVAILABLE;
    }
    // A bounded queue of look-ups or reads was full.
    return cause instanceof RejectedExecutionException ? ErrorKind.OVERLOADED : ErrorKind.INTERNAL;
  }

  /** For people; nothing internal in it. */
  static String detailOf(ErrorKind kind) {
    return switch (kind) {
      case STORE_UNAVAILABLE -> "the store does not answer; the outcome is unknown";
      case OVERLOADED -> "too much is waiting; not accepted";
      default -> "a bug of the server";
    };
  }

  static GoAway goAway(CloseReason reason, long drainSpreadMs) {
    return switch (reason) {
      // Staggered, so that the clients of a stopping node do not come back in one storm.
      case DRAIN ->
        GoAway.newBuilder()
            .setReason(GoAway.Reason.DRAIN)
            .setReconnectAfterMs(
                1 + (int) ThreadLocalRandom.current().nextLong(Math.max(1, drainSpreadMs)))
            .build();
      case REVOKED -> goAway(GoAway.Reason.REVOKED, true);
      case EXPIRED -> goAway(GoAway.Reason.EXPIRED, true);
      case REPLACED -> goAway(GoAway.Reason.REPLACED, true);
      case SLOW_CONSUMER -> goAway(GoAway.Reason.OVERLOAD, false);
    };
  }

  static GoAway goAway(GoAway.Reason reason, boolean isFinal) {
    return GoAway.newBuilder().setReason(reason).setFinal(isFinal).build();
  }
}
