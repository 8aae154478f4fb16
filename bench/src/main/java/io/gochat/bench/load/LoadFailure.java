package io.gochat.bench.load;

/** A run that could not be carried out; its message is for the user, its stack for nobody. */
final class LoadFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoadFailure(String message) {
    super(message, null, false, false);
  }

  LoadFailure(String message, Throwable cause) {
    super(message, cause, false, false);
  }
}
