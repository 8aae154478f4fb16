package io.gochat.client;

import java.time.Instant;

/**
 * One message of a topic. Immutable.
 *
 * @param topic the room it was published to, or the inbox it arrived in
 * @param epoch in which {@code seq} counts
 * @param seq 1, 2, 3, … within topic and epoch
 * @param messageId unique in the server's store, not ordered
 * @param fromUserId the sender
 * @param fromUserName the sender's name
 * @param toUserId the recipient of a direct message, else 0
 * @param toUserName the recipient's name, else empty
 * @param text what was said
 * @param createdAt by the server's clock
 */
public record Message(
    Topic topic,
    long epoch,
    long seq,
    long messageId,
    long fromUserId,
    String fromUserName,
    long toUserId,
    String toUserName,
    String text,
    Instant createdAt) {
  /** The position of one who has been handed everything up to this message. */
  public Position position() {
    return new Position(epoch, seq, messageId);
  }

  /** Everything except the text: bodies do not belong in logs. */
  @Override
  public String toString() {
    return "Message[" + topic + ", epoch=" + epoch + ", seq=" + seq + ", messageId=" + messageId
        + "]";
  }
}
