package io.gochat.server.account;

import org.jspecify.annotations.Nullable;

/**
 * A user, or the service that an API key speaks for. Immutable.
 *
 * @param userId 1 … 2^53-1; never given again
 * @param username as registered (NFC); never given again
 * @param passwordHash bcrypt; empty: there is no password, and no login with one
 * @param origin who else vouches for this user; null: nobody, it has a password
 * @param status whether it may sign in
 * @param logins which of its logins count
 */
public record Account(
    long userId,
    String username,
    String passwordHash,
    @Nullable Origin origin,
    Status status,
    Logins logins) {
  /** What stands for an account without a password. */
  public static final String NO_PASSWORD = "";

  /** Whether an account may sign in. */
  public enum Status {
    /** It may. */
    ACTIVE(0),
    /** An operator has locked it; its messages, its name and its inbox stay. */
    DISABLED(1),
    /** It is gone for good; only its id and name are still taken, and what it wrote stays. */
    DELETED(2);

    private final int code;

    Status(int code) {
      this.code = code;
    }

    /** How it is stored, for ever. */
    public int code() {
      return code;
    }

    /**
     * What is stored like this.
     *
     * @throws IllegalArgumentException when nothing is
     */
    public static Status ofCode(int code) {
      for (Status status : values()) {
        if (status.code == code) {
          return status;
        }
      }
      throw new IllegalArgumentException("no status is stored as " + code);
    }
  }

  /**
   * Who vouches for a user without a password.
   *
   * @param issuer of its tokens
   * @param subject what it is called there, to the letter
   */
  public record Origin(String issuer, String subject) {}

  /**
   * Which logins count: all of this generation, one that was spared when it began, and tokens of elsewhere that were
   * issued late enough.
   *
   * @param generation counts how often all logins were ended at once
   * @param spared the id of a session of an earlier generation that counts all the same; empty: none
   * @param tokensFromMs tokens of elsewhere count if they were issued then or later, Unix time in milliseconds; 0: all
   */
  public record Logins(int generation, String spared, long tokensFromMs) {
    /** All of them. */
    public static final Logins ALL = new Logins(0, "", 0);

    /** None of those that there are, but for this one; tokens of elsewhere from the next second on. */
    Logins ended(String sparedSession, long nowMs) {
      long nextSecondMs = (nowMs / 1_000 + 1) * 1_000; // tokens tell their time in seconds
      return new Logins(generation + 1, sparedSession, Math.max(tokensFromMs, nextSecondMs));
    }
  }

  /** A user with a password. */
  public Account(long userId, String username, String passwordHash) {
    this(userId, username, passwordHash, null, Status.ACTIVE, Logins.ALL);
  }

  /** Whether it may sign in. */
  public boolean isActive() {
    return status == Status.ACTIVE;
  }

  /** Whether it signs in with a password. */
  public boolean hasPassword() {
    return !passwordHash.isEmpty();
  }

  Account withPasswordHash(String hash) {
    return new Account(userId, username, hash, origin, status, logins);
  }

  Account withStatus(Status other) {
    return new Account(userId, username, passwordHash, origin, other, logins);
  }

  Account withLogins(Logins other) {
    return new Account(userId, username, passwordHash, origin, status, other);
  }

  @Override
  public String toString() {
    return "Account[" + userId + "]"; // neither name nor hash belongs into a log by accident
  }
}
