package io.gochat.client;

/**
 * A room that was joined. Immutable.
 *
 * @param roomId the room
 * @param memberCount distinct users in it, this one included
 * @param nextSeq the first sequence that will be delivered
 * @param recovered false: what lies between the position asked for and {@code nextSeq} is lost, and the gap listener
 *     is told
 */
public record JoinedRoom(long roomId, int memberCount, long nextSeq, boolean recovered) {}
