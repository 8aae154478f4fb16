package io.gochat.server.messaging;

import java.util.List;

/**
 * Consecutive messages of a topic, with the topic's bounds at the moment of reading. Immutable.
 *
 * @param epoch the store's epoch
 * @param firstSeq the oldest retained sequence; {@code lastSeq + 1} when nothing is retained
 * @param lastSeq the last sequence in the log
 * @param messages ascending, without holes; starts at the asked sequence or at {@code firstSeq}, whichever is later
 */
public record LogSlice(long epoch, long firstSeq, long lastSeq, List<LoggedMessage> messages) {}
