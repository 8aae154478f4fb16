package io.gochat.server.config;

import java.time.Duration;

/**
 * What one connection, message or room may cost. Immutable.
 *
 * @param maxConnectionsPerUser 0: no limit
 * @param maxTextBytes longest message, UTF-8
 * @param maxFrameBytes longest inbound frame
 * @param heartbeat a client says something at least so often
 * @param maxRoomsPerConnection rooms that one connection may be in
 * @param slowConsumerTimeout a connection that takes nothing for so long is closed; zero: never
 */
public record ChannelConfig(
    int maxConnectionsPerUser,
    int maxTextBytes,
    int maxFrameBytes,
    Duration heartbeat,
    int maxRoomsPerConnection,
    Duration slowConsumerTimeout) {}
