package io.gochat.client;

import java.util.function.Supplier;

/** How the client proves who it is. Immutable; never printed. */
sealed interface Credentials {
  /** A token that somebody else obtained. */
  record Token(String token) implements Credentials {
    @Override
    public String toString() {
      return "Token[…]";
    }
  }

  /** Tokens that somebody else obtains, each time that one is needed. The supplier may block. */
  record Supplied(Supplier<String> tokens) implements Credentials {
    @Override
    public String toString() {
      return "Supplied[…]";
    }
  }

  /**
   * Name and password.
   *
   * @param register makes the account if there is none
   */
  record Password(String username, String password, boolean register) implements Credentials {
    @Override
    public String toString() {
      return "Password[" + username + "]";
    }
  }
}
