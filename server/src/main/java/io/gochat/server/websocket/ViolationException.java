package io.gochat.server.websocket;

/** The peer broke RFC 6455; the connection ends with its close code. Stackless: a hostile peer decides how often. */
final class ViolationException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int closeCode;

  ViolationException(int closeCode, String detail) {
    super(detail, null, false, false);
    this.closeCode = closeCode;
  }

  int closeCode() {
    return closeCode;
  }
}
