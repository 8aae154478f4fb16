package io.gochat.client;

/**
 * A place in a topic's log: everything up to and including {@code seq} has been handed over. Immutable.
 *
 * @param epoch in which {@code seq} counts; 0 together with seq 0: whatever epoch there is
 * @param seq the sequence; 0: before everything that is retained
 * @param messageId of the message with that sequence, 0 when not known; lets the server notice that a sequence was
 *     used again
 */
public record Position(long epoch, long seq, long messageId) {
  /** Before everything that is retained. */
  public static final Position BEGINNING = new Position(0, 0, 0);

  /** Checks the signs. */
  public Position {
    if (epoch < 0 || seq < 0 || messageId < 0) {
      throw new IllegalArgumentException("negative: " + epoch + ", " + seq + ", " + messageId);
    }
  }
}
