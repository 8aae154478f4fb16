package io.gochat.protocol;

import org.jspecify.annotations.NullMarked;

/**
 * Every way in which a request can fail, once for all protocols. HTTP puts {@link #word()} into {@code X-Error-Code};
 * the frame channel sends {@link #frameCode()}. Immutable.
 */
@NullMarked
public enum ErrorKind {
  /** A field is missing, of the wrong type, out of range or contradictory. */
  INVALID_ARGUMENT("invalid_argument", ErrorCode.INVALID_ARGUMENT),
  /** The body is not the strict JSON that we accept. */
  MALFORMED_JSON("malformed_json", ErrorCode.INVALID_ARGUMENT),
  /** Another account has this name, or one that differs only by case or Unicode form. */
  NAME_TAKEN("name_taken", ErrorCode.INVALID_ARGUMENT),
  /** Wrong name or password; which of them is not told. */
  BAD_CREDENTIALS("bad_credentials", ErrorCode.TOKEN_INVALID),
  /** Missing, unknown, expired or revoked token. */
  TOKEN_INVALID("token_invalid", ErrorCode.TOKEN_INVALID),
  /** What is asked for belongs to another user. */
  FORBIDDEN("forbidden", ErrorCode.FORBIDDEN),
  /** No account has this id or name. */
  RECIPIENT_UNKNOWN("recipient_unknown", ErrorCode.RECIPIENT_UNKNOWN),
  /** The same {@code client_message_id} was published with another text. */
  CLIENT_MESSAGE_ID_REUSED("client_message_id_reused", ErrorCode.CLIENT_MESSAGE_ID_REUSED),
  /** The path is unknown (HTTP). */
  NOT_FOUND("not_found", ErrorCode.UNKNOWN_COMMAND),
  /** The path is known, the method is not (HTTP). */
  METHOD_NOT_ALLOWED("method_not_allowed", ErrorCode.UNKNOWN_COMMAND),
  /** The request body is over its bound (HTTP). */
  BODY_TOO_LARGE("body_too_large", ErrorCode.INVALID_ARGUMENT),
  /** The path and query are over their bound (HTTP). */
  URI_TOO_LONG("uri_too_long", ErrorCode.INVALID_ARGUMENT),
  /** The headers are over their bound, in bytes or in number (HTTP). */
  HEADERS_TOO_LARGE("headers_too_large", ErrorCode.INVALID_ARGUMENT),
  /** The request did not arrive within its deadline (HTTP). */
  REQUEST_TIMEOUT("request_timeout", ErrorCode.INVALID_ARGUMENT),
  /** The path is spoken to in another protocol, WebSocket (HTTP). */
  UPGRADE_REQUIRED("upgrade_required", ErrorCode.INVALID_ARGUMENT),
  /** This client has to use TLS (HTTP). */
  TLS_REQUIRED("tls_required", ErrorCode.INVALID_ARGUMENT),
  /** The command is unset or unknown (frames). */
  UNKNOWN_COMMAND("unknown_command", ErrorCode.UNKNOWN_COMMAND),
  /** A limit per user, address or connection is reached. */
  TOO_MANY("too_many", ErrorCode.TOO_MANY),
  /** A bounded queue is full; not accepted. */
  OVERLOADED("overloaded", ErrorCode.OVERLOADED),
  /** The store failed; the outcome is unknown, retry with the same {@code client_message_id}. */
  STORE_UNAVAILABLE("store_unavailable", ErrorCode.STORE_UNAVAILABLE),
  /** This node is starting, stopping or has lost its store, and wants no traffic ({@code /readyz}). */
  NOT_READY("not_ready", ErrorCode.OVERLOADED),
  /** A bug of ours. */
  INTERNAL("internal", ErrorCode.INTERNAL);

  private final String word;
  private final ErrorCode frameCode;

  ErrorKind(String word, ErrorCode frameCode) {
    this.word = word;
    this.frameCode = frameCode;
  }

  /** The stable machine-readable word. */
  public String word() {
    return word;
  }

  /** What the frame channel says. */
  public ErrorCode frameCode() {
    return frameCode;
  }
}
