package io.gochat.server.account;

/**
 * A registered user. Immutable.
 *
 * @param userId 1 … 2^53-1
 * @param username as registered (NFC)
 * @param passwordHash bcrypt
 */
public record Account(long userId, String username, String passwordHash) {
  @Override
  public String toString() {
    return "Account[" + userId + "]"; // neither name nor hash belongs into a log by accident
  }
}
