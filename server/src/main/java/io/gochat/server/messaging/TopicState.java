package io.gochat.server.messaging;

/**
 * The bounds of a topic's log at one moment. Immutable.
 *
 * @param epoch the store's epoch
 * @param firstSeq the oldest retained sequence; {@code lastSeq + 1} when nothing is retained
 * @param lastSeq the last sequence given out; 0: none yet
 * @param probedMessageId the message id stored at the sequence asked about; 0: that sequence is not retained
 */
public record TopicState(long epoch, long firstSeq, long lastSeq, long probedMessageId) {}
