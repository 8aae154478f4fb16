package io.gochat.bench.verify;

/**
 * One broken promise. Immutable.
 *
 * @param kind which promise
 * @param where the receiver and topic, the log, or the fault
 * @param detail for people
 */
record Violation(Kind kind, String where, String detail) {
  /** The promises that can be broken. */
  enum Kind {
    /** Accepted, but not in the log. */
    LOST_FROM_LOG,
    /** In the log, never handed over; before everything that the receiver was handed. */
    LOST_PREFIX,
    /** In the log, never handed over; between messages that were. */
    LOST_MIDDLE,
    /** In the log, never handed over; after everything that the receiver was handed. */
    LOST_TAIL,
    /** Handed over, later gone from the log, and nobody said so. */
    TAKEN_BACK_UNTOLD,
    /** Handed over twice in one life, or again although the stored position covered it. */
    DUPLICATED,
    /** One value under two sequences of the log: the idempotency key failed. */
    PUBLISHED_TWICE,
    /** A receiver was handed sequences in another order than theirs. */
    OUT_OF_ORDER,
    /** The log holds a publisher's values in another order than it sent them. */
    PUBLISHER_ORDER,
    /** A value that nobody published to this topic, or that the server had refused. */
    UNEXPECTED,
    /** The same sequence or value with another id or content, in the answer, the log or the callback. */
    CONTRADICTION,
    /** The sequences of a log have a hole, or do not rise. */
    LOG_HOLE,
    /** A gap was told although everything was retained. */
    UNEXPECTED_GAP,
    /** The server refused a publish that nothing was wrong with. */
    REFUSED,
    /** Receivers of one topic were handed different sequences of (seq, message_id). */
    HASH_DIFFERS,
    /** An event of a webhook without the signature that its secret makes. */
    BADLY_SIGNED,
    /** A fault that was asked for did not happen, so nothing was proved about it. */
    FAULT_DID_NOT_FIRE
  }

  @Override
  public String toString() {
    return kind + " " + where + ": " + detail;
  }
}
