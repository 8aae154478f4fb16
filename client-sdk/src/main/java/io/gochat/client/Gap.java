package io.gochat.client;

/**
 * Messages that cannot be delivered any more, because retention removed them or because the log was replaced.
 * Immutable.
 *
 * @param topic in which they are missing
 * @param fromSeq the first missing sequence; 0: how much is missing is not known
 * @param toSeq the last one; delivery goes on after it
 * @param epoch the epoch that counts from here on
 * @param epochChanged sequences start afresh: a number may come again for another message, and an inbox starts over
 *     with what is left of it, so that messages of the old epoch may come again under the new one
 */
public record Gap(Topic topic, long fromSeq, long toSeq, long epoch, boolean epochChanged) {
  /** The position of one who has taken note of this gap. */
  public Position position() {
    return new Position(epoch, toSeq, 0);
  }
}
