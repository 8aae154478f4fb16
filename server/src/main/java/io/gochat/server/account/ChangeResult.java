package io.gochat.server.account;

import io.gochat.protocol.ErrorKind;

/** What became of a change of an account. Immutable. */
public sealed interface ChangeResult {
  /** It is changed, durably; this is how it is now. */
  record Changed(Account account) implements ChangeResult {}

  /**
   * It is not changed.
   *
   * @param kind why
   * @param detail for people, nothing internal in it
   * @param retryAfterMs when trying again makes sense, in milliseconds; 0: it does not
   */
  record Refused(ErrorKind kind, String detail, int retryAfterMs) implements ChangeResult {}
}
