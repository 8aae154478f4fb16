package io.gochat.server.config;

/**
 * How fast one user may publish. Immutable.
 *
 * @param perSecond messages a second; 0: no limit
 * @param burst messages at once
 */
public record PublishConfig(int perSecond, int burst) {}
