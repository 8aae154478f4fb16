package io.gochat.bench.load;

/** A connection that publishes. Confined to the publishing loop. */
interface PublisherConnection {
  /** Whether it may take one more message now. */
  boolean isReady();

  /** Writes a message that is due at {@code intendedNs}, without flushing. */
  void send(int topicIndex, long intendedNs);

  /** Flushes what was written. */
  void flush();

  /** Closes the connection. */
  void close();

  /** Hears what became of the messages. On the publishing loop. */
  interface Answers {
    /** Accepted. */
    void accepted(long intendedNs);

    /** Refused, or the connection ended before an answer came. */
    void refused(String code);

    /** The outlet may be ready again. */
    void ready(PublisherConnection outlet);
  }
}
