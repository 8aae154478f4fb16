package io.gochat.server.embedded;

import java.io.IOException;

/** The store refuses to open; the message is a whole sentence for the operator, with the ways out. */
public final class StoreOpenException extends IOException {
  private static final long serialVersionUID = 1;

  /** Says what is wrong and what to do. */
  public StoreOpenException(String sentence) {
    super(sentence);
  }

  /** Says what is wrong and what to do; {@code cause} is for the log. */
  public StoreOpenException(String sentence, Throwable cause) {
    super(sentence, cause);
  }
}
