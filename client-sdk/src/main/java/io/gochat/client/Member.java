package io.gochat.client;

/**
 * A user in a room. Immutable.
 *
 * @param userId the user
 * @param username the user's name
 */
public record Member(long userId, String username) {}
