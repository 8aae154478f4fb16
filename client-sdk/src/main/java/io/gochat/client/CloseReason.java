package io.gochat.client;

/** Why a client is closed and does not come back by itself. */
public enum CloseReason {
  /** {@link ChatClient#close} was called. */
  CALLER(Failure.CLOSED),
  /** Wrong name or password. */
  BAD_CREDENTIALS(Failure.BAD_CREDENTIALS),
  /** The server does not, or no longer, accept the token. */
  TOKEN_INVALID(Failure.TOKEN_INVALID),
  /** The session was logged out. */
  REVOKED(Failure.TOKEN_INVALID),
  /** The session has expired, and there is no password to log in again with. */
  EXPIRED(Failure.TOKEN_INVALID),
  /** Another connection with the same device id took over. */
  REPLACED(Failure.CLOSED),
  /** One side did not keep to the protocol. */
  PROTOCOL_ERROR(Failure.CLOSED),
  /** The server will not have us back, for a reason that its detail tells. */
  REFUSED(Failure.CLOSED),
  /** A bug in this client, or a library beside it that does not fit; its detail says more. */
  INTERNAL(Failure.INTERNAL),
  /** No connection could be made within the connect deadline. */
  UNREACHABLE(Failure.UNREACHABLE);

  private final Failure failure;

  CloseReason(Failure failure) {
    this.failure = failure;
  }

  /** As what pending requests fail. */
  Failure failure() {
    return failure;
  }
}
