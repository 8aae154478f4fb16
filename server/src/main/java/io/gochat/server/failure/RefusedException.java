package io.gochat.server.failure;

import io.gochat.protocol.ErrorKind;

/**
 * A request that is answered with an error, as is expected of some; thrown while it is checked. Stackless: the client
 * decides how often. Immutable.
 */
public final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  /** {@code detail} is for people; nothing internal in it. */
  public RefusedException(ErrorKind kind, String detail) {
    super(detail, null, false, false);
    this.kind = kind;
  }

  /** Why. */
  public ErrorKind kind() {
    return kind;
  }

  /** For people. */
  public String detail() {
    return String.valueOf(getMessage());
  }
}
