package io.gochat.server.session;

/**
 * A login that outlives connections. Immutable.
 *
 * @param id SHA-256 of the token, in lower-case hexadecimal; the token itself is never kept
 * @param userId the owner
 * @param username the owner's name
 * @param expiresAtMs Unix time in milliseconds, as last written
 */
public record Session(String id, long userId, String username, long expiresAtMs) {}
