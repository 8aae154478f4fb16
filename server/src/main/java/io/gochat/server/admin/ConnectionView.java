package io.gochat.server.admin;

/**
 * A connection, as an operator sees it. Immutable.
 *
 * @param id of this node's connection; says the node
 * @param userId the owner
 * @param username the owner's name
 * @param deviceId empty for an anonymous device
 * @param sessionId with which it was opened
 * @param address where it comes from
 */
public record ConnectionView(
    String id, long userId, String username, String deviceId, String sessionId, String address) {}
