package io.gochat.server;

/** The server cannot start although its settings are fine; the message is a sentence for the operator. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  /** Says what is in the way and what can be done. */
  public StartException(String sentence) {
    super(sentence);
  }

  /** The same; {@code cause} is for the log. */
  public StartException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
