package io.gochat.server.messaging;

/**
 * A message that is still to be told to others. Immutable by agreement: nobody writes to {@link #message()}.
 *
 * @param topic of the message
 * @param position in the outbox; those of a topic ascend
 * @param epoch in which the message's sequence counts
 * @param message serialized, sequence and time included
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record OutboxRecord(Topic topic, long position, long epoch, byte[] message) {
  /** Beside the message: keys, and what holds it. */
  private static final int OVERHEAD = 100;

  /** What it counts for where there is a bound. */
  public int bytes() {
    return bytes(message.length);
  }

  /** What a message of this size counts for. */
  public static int bytes(int messageLength) {
    return messageLength + OVERHEAD;
  }
}
