package io.gochat.client;

/** How the client proves who it is. Immutable; never printed. */
sealed interface Credentials {
  /** A token that somebody else obtained. */
  record Token(String token) implements Credentials {
    @Override
    public String toString() {
      return "Token[…]";
    }
  }

  /**
   * Name and password.
   *
   * @param register makes the account when the login fails because there is none
   */
  record Password(String username, String password, boolean register) implements Credentials {
    @Override
    public String toString() {
      return "Password[" + username + "]";
    }
  }
}
