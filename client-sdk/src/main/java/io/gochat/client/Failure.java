package io.gochat.client;

import io.gochat.protocol.ErrorCode;

/** Every way in which a request of the client can fail. */
public enum Failure {
  /** A field is missing, out of range or contradictory. */
  INVALID_ARGUMENT(false),
  /** Wrong name or password. */
  BAD_CREDENTIALS(false),
  /** The session is unknown, expired or revoked. */
  TOKEN_INVALID(false),
  /** What was asked for belongs to another user. */
  FORBIDDEN(false),
  /** No account has this id. */
  RECIPIENT_UNKNOWN(false),
  /** The same {@code client_message_id} was published with another text. */
  CLIENT_MESSAGE_ID_REUSED(false),
  /** The server is older than this client and does not know the command. */
  UNKNOWN_COMMAND(false),
  /** A limit per user or connection is reached. */
  TOO_MANY(true),
  /** The server refused for overload; not accepted. */
  OVERLOADED(true),
  /** The server's store failed; the outcome is unknown. */
  STORE_UNAVAILABLE(true),
  /** A bug in the server, or an answer that this client does not understand. */
  INTERNAL(true),
  /** This client's own outbound queue is full; not sent. Wait for {@link ChatClient#ready}. */
  QUEUE_FULL(true),
  /** Not answered in time. A publish that was sent may have been stored: retry with the same id. */
  EXPIRED(true),
  /** No connection could be made within the connect deadline. */
  UNREACHABLE(true),
  /** The client is closed. */
  CLOSED(false);

  private final boolean retryable;

  Failure(boolean retryable) {
    this.retryable = retryable;
  }

  /** Whether the same request may succeed later. Publishes should be repeated with the same id. */
  public boolean retryable() {
    return retryable;
  }

  /** The one mapping from the wire. */
  static Failure of(ErrorCode code) {
    return switch (code) {
      case UNKNOWN_COMMAND -> UNKNOWN_COMMAND;
      case INVALID_ARGUMENT -> INVALID_ARGUMENT;
      case TOKEN_INVALID -> TOKEN_INVALID;
      case FORBIDDEN -> FORBIDDEN;
      case RECIPIENT_UNKNOWN -> RECIPIENT_UNKNOWN;
      case CLIENT_MESSAGE_ID_REUSED -> CLIENT_MESSAGE_ID_REUSED;
      case STORE_UNAVAILABLE -> STORE_UNAVAILABLE;
      case OVERLOADED -> OVERLOADED;
      case TOO_MANY -> TOO_MANY;
      case INTERNAL, ERROR_CODE_UNSPECIFIED, UNRECOGNIZED -> INTERNAL;
    };
  }
}
