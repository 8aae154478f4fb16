package io.gochat.server.frame;

import io.gochat.protocol.ErrorKind;

/** A command that is answered with {@code Error}; thrown while it is checked. Stackless: the client decides how often. */
final class CommandRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  CommandRefused(ErrorKind kind, String detail) {
    super(detail, null, false, false);
    this.kind = kind;
  }

  ErrorKind kind() {
    return kind;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
