package io.gochat.server.http;

import io.gochat.protocol.ErrorKind;

/** The HTTP statuses that we answer with; there are no others. Immutable. */
enum Status {
  OK(200, "OK"),
  NOT_MODIFIED(304, "Not Modified"),
  BAD_REQUEST(400, "Bad Request"),
  UNAUTHORIZED(401, "Unauthorized"),
  FORBIDDEN(403, "Forbidden"),
  NOT_FOUND(404, "Not Found"),
  METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
  REQUEST_TIMEOUT(408, "Request Timeout"),
  CONTENT_TOO_LARGE(413, "Content Too Large"),
  URI_TOO_LONG(414, "URI Too Long"),
  UPGRADE_REQUIRED(426, "Upgrade Required"),
  TOO_MANY_REQUESTS(429, "Too Many Requests"),
  REQUEST_HEADER_FIELDS_TOO_LARGE(431, "Request Header Fields Too Large"),
  INTERNAL_SERVER_ERROR(500, "Internal Server Error"),
  SERVICE_UNAVAILABLE(503, "Service Unavailable");

  private final int code;
  private final String line;

  Status(int code, String reason) {
    this.code = code;
    this.line = "HTTP/1.1 " + code + " " + reason + "\r\n";
  }

  /** The number. */
  int code() {
    return code;
  }

  /** The status line, CRLF included. */
  String line() {
    return line;
  }

  /** The one that tells the kind. */
  static Status of(ErrorKind kind) {
    return switch (kind) {
      case INVALID_ARGUMENT,
          MALFORMED_JSON,
          NAME_TAKEN,
          CLIENT_MESSAGE_ID_REUSED,
          UNKNOWN_COMMAND -> BAD_REQUEST;
      case BAD_CREDENTIALS, TOKEN_INVALID -> UNAUTHORIZED;
      case FORBIDDEN -> FORBIDDEN;
      case RECIPIENT_UNKNOWN, NOT_FOUND -> NOT_FOUND;
      case METHOD_NOT_ALLOWED -> METHOD_NOT_ALLOWED;
      case REQUEST_TIMEOUT -> REQUEST_TIMEOUT;
      case BODY_TOO_LARGE -> CONTENT_TOO_LARGE;
      case URI_TOO_LONG -> URI_TOO_LONG;
      case HEADERS_TOO_LARGE -> REQUEST_HEADER_FIELDS_TOO_LARGE;
      case UPGRADE_REQUIRED, TLS_REQUIRED -> UPGRADE_REQUIRED;
      case TOO_MANY -> TOO_MANY_REQUESTS;
      case OVERLOADED, STORE_UNAVAILABLE, NOT_READY -> SERVICE_UNAVAILABLE;
      case INTERNAL -> INTERNAL_SERVER_ERROR;
    };
  }
}
