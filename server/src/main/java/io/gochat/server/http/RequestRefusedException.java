package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;

/** The request is not what the contract asks for. Stackless: a peer's fault, thrown as often as the peer likes. */
final class RequestRefusedException extends RuntimeException {
  private final ErrorKind kind;
  private final String detail;

  RequestRefusedException(ErrorKind kind, String detail) {
    super(detail, null, false, false);
    this.kind = kind;
    this.detail = detail;
  }

  /** Why. */
  ErrorKind kind() {
    return kind;
  }

  /** For people; says nothing of the values in the request. */
  String detail() {
    return detail;
  }
}
