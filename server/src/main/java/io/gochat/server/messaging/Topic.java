package io.gochat.server.messaging;

import io.gochat.protocol.Limits;

/**
 * What messages are published to and ordered in: a room, or the inbox of a user. Immutable; a key of maps on hot paths.
 */
public final class Topic {
  private final boolean inbox;
  private final long id;

  private Topic(boolean inbox, long id) {
    if (!Limits.isId(id)) {
      throw new IllegalArgumentException("not an id: " + id);
    }
    this.inbox = inbox;
    this.id = id;
  }

  /** The topic of room {@code roomId}, 1 … 2^53-1. */
  public static Topic room(long roomId) {
    return new Topic(false, roomId);
  }

  /** The inbox of user {@code userId}, 1 … 2^53-1. */
  public static Topic inbox(long userId) {
    return new Topic(true, userId);
  }

  /** Whether this is a user's inbox; a room otherwise. */
  public boolean isInbox() {
    return inbox;
  }

  /** The room's id, or the id of the inbox's owner. */
  public long id() {
    return id;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Topic that && id == that.id && inbox == that.inbox;
  }

  @Override
  public int hashCode() {
    // Ids are dense and small: spread them, so that
    // neighbouring rooms do not share a bin with inboxes.
    long mixed = (id << 1 | (inbox ? 1 : 0)) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32);
  }

  @Override
  public String toString() {
    return (inbox ? "inbox:" : "room:") + id;
  }
}
