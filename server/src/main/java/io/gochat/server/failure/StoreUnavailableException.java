package io.gochat.server.failure;

/** The store cannot be read or written now; callers answer {@code store_unavailable}. Stackless: it is a state. */
public final class StoreUnavailableException extends RuntimeException {
  /** Says why, for the log of the operator. */
  public StoreUnavailableException(String message) {
    super(message, null, false, false);
  }

  /** Says why, and what failed below. */
  public StoreUnavailableException(String message, Throwable cause) {
    super(message, cause, false, false);
  }
}
