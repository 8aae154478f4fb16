package io.gochat.server.config;

import java.util.OptionalLong;

/**
 * What was asked for, in bytes; empty: what fits ({@link MemoryPlan}). Immutable.
 *
 * @param outBudget answers that no socket has taken yet
 * @param replayBudget pages of the log that are lent to connections, and reads of it under way
 * @param inBudget requests and frames that are not answered yet
 * @param fanOutMemory messages held for sending, per event loop
 * @param handOver messages on their way to an event loop, per event loop
 * @param writeQueue publishes that wait for their commit
 * @param storeMemory the embedded store's cache and write buffers
 */
public record MemoryConfig(
    OptionalLong outBudget,
    OptionalLong replayBudget,
    OptionalLong inBudget,
    OptionalLong fanOutMemory,
    OptionalLong handOver,
    OptionalLong writeQueue,
    OptionalLong storeMemory) {}
