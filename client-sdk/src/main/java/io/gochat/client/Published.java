package io.gochat.client;

/**
 * A publish that the server has durably stored. Immutable.
 *
 * @param messageId the message's id
 * @param seq its sequence in its topic
 * @param duplicate an earlier attempt with the same {@code client_message_id} had been stored; these are its figures
 */
public record Published(long messageId, long seq, boolean duplicate) {}
