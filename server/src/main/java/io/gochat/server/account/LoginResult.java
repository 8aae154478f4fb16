package io.gochat.server.account;

import io.gochat.protocol.ErrorKind;

/** What became of a login. Immutable. */
public sealed interface LoginResult {
  /** Name and password fit. */
  record LoggedIn(Account account) implements LoginResult {}

  /**
   * Not logged in.
   *
   * @param kind why; {@link ErrorKind#BAD_CREDENTIALS} does not tell which of the two was wrong
   * @param detail for people, nothing internal in it
   * @param retryAfterMs when trying again makes sense, in milliseconds; 0: it does not
   */
  record Refused(ErrorKind kind, String detail, int retryAfterMs) implements LoginResult {}
}
