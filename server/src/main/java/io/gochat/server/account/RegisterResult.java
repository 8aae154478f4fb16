package io.gochat.server.account;

import io.gochat.protocol.ErrorKind;

/** What became of a registration. Immutable. */
public sealed interface RegisterResult {
  /** The account exists, durably. */
  record Registered(Account account) implements RegisterResult {}

  /** Another account has this name, or one that differs only by case or Unicode form. */
  record NameTaken() implements RegisterResult {}

  /**
   * Not registered.
   *
   * @param kind why
   * @param detail for people, nothing internal in it
   * @param retryAfterMs when trying again makes sense, in milliseconds; 0: it does not
   */
  record Refused(ErrorKind kind, String detail, int retryAfterMs) implements RegisterResult {}
}
