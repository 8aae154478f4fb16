package io.gochat.server.session;

/**
 * A login that outlives connections: one of ours, which lives on while it is used, or one that a token of elsewhere
 * stands for, which ends with that token. Immutable.
 *
 * @param id SHA-256 of the token, in lower-case hexadecimal, behind {@link #EXTERNAL} for one of elsewhere; the token
 *     itself is never kept
 * @param userId the owner
 * @param username the owner's name
 * @param expiresAtMs Unix time in milliseconds, as last written
 * @param openedAtMs when it was opened or its token issued, Unix time in milliseconds; 0: not known
 * @param generation which generation of the owner's logins it belongs to
 */
public record Session(
    String id, long userId, String username, long expiresAtMs, long openedAtMs, int generation) {
  /** In front of the id of a session that a token of elsewhere stands for. */
  public static final String EXTERNAL = "jwt:";

  /** One of which no more is known. */
  public Session(String id, long userId, String username, long expiresAtMs) {
    this(id, userId, username, expiresAtMs, 0, 0);
  }

  /** Whether a token of elsewhere stands for it. */
  public boolean isExternal() {
    return isExternal(id);
  }

  /** Whether this is the id of a session that a token of elsewhere stands for. */
  public static boolean isExternal(String sessionId) {
    return sessionId.startsWith(EXTERNAL);
  }

  Session expiringAt(long atMs) {
    return new Session(id, userId, username, atMs, openedAtMs, generation);
  }
}
