package io.gochat.server.messaging;

import org.jspecify.annotations.Nullable;

/**
 * A message that somebody wants to publish; its sender comes from the token, its recipient exists. Immutable.
 *
 * @param topic where to
 * @param fromUserId the sender
 * @param fromUsername the sender's name, carried in the message
 * @param toUsername the recipient's name; empty for a room
 * @param text valid Unicode, at least one byte of UTF-8, within the text limit
 * @param clientMessageId makes the publish idempotent; null: it is not
 * @param exempt whether its sender is a service, whom the limits of users do not bind
 */
public record Publication(
    Topic topic,
    long fromUserId,
    String fromUsername,
    String toUsername,
    String text,
    @Nullable String clientMessageId,
    boolean exempt) {
  /** By a user. */
  public Publication(
      Topic topic,
      long fromUserId,
      String fromUsername,
      String toUsername,
      String text,
      @Nullable String clientMessageId) {
    this(topic, fromUserId, fromUsername, toUsername, text, clientMessageId, false);
  }
}
