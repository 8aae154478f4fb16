package io.gochat.server.failure;

import io.gochat.protocol.ErrorKind;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;

/**
 * What a failure means to whoever asked. The one place where that is decided: each protocol only finds its words for it.
 * Immutable.
 *
 * @param kind why
 * @param detail for people; nothing internal in it
 * @param retryAfterMs when trying again makes sense, in milliseconds; 0: it does not
 */
public record Failure(ErrorKind kind, String detail, int retryAfterMs) {
  /** When trying again makes sense if nobody knows better. */
  private static final int RETRY_AFTER_MS = 1_000;

  public Failure {
    boolean passing = kind == ErrorKind.OVERLOADED || kind == ErrorKind.STORE_UNAVAILABLE;
    if (passing && retryAfterMs <= 0) {
      retryAfterMs = RETRY_AFTER_MS;
    }
  }

  /** What was thrown, or failed a future. */
  public static Failure of(Throwable thrown) {
    Throwable cause = cause(thrown);
    if (cause instanceof RefusedException refused) {
      return new Failure(refused.kind(), refused.detail(), 0);
    }
    if (cause instanceof StoreUnavailableException) {
      return new Failure(
          ErrorKind.STORE_UNAVAILABLE, "the store does not answer; the outcome is unknown", 0);
    }
    if (cause instanceof RejectedExecutionException) { // by a bounded queue, before anything began
      return new Failure(ErrorKind.OVERLOADED, "too much is waiting; not accepted", 0);
    }
    return new Failure(ErrorKind.INTERNAL, "a bug of the server", 0);
  }

  /** What really happened, without the wrapping of futures. */
  public static Throwable cause(Throwable thrown) {
    Throwable cause = thrown;
    while (cause instanceof CompletionException || cause instanceof ExecutionException) {
      Throwable inner = cause.getCause();
      if (inner == null) {
        return cause;
      }
      cause = inner;
    }
    return cause;
  }

  /**
   * Tells the operator, as loudly as the kind wants it: of a bug with its trace, of a store that is away only in detail,
   * because the store itself says so once, and of what a peer did wrong not at all.
   *
   * @param what failed, as a sentence
   */
  public void log(Logger log, String what, Throwable thrown) {
    if (kind == ErrorKind.INTERNAL) {
      log.error(what, cause(thrown));
    } else if (kind == ErrorKind.STORE_UNAVAILABLE) {
      log.debug(what, cause(thrown));
    }
  }
}
