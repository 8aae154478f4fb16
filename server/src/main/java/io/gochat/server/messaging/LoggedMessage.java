package io.gochat.server.messaging;

/** A message as the log holds it. Immutable by agreement: nobody writes to {@link #bytes()}. */
public final class LoggedMessage {
  private final long seq;
  private final long messageId;
  private final byte[] bytes;

  /**
   * Takes over {@code bytes}.
   *
   * @param seq its sequence in its topic
   * @param messageId unique in the store
   * @param bytes the serialized {@code io.gochat.protocol.Message}, sequence included
   */
  public LoggedMessage(long seq, long messageId, byte[] bytes) {
    this.seq = seq;
    this.messageId = messageId;
    this.bytes = bytes;
  }

  /** Its sequence in its topic. */
  public long seq() {
    return seq;
  }

  /** Unique in the store. */
  public long messageId() {
    return messageId;
  }

  /** The serialized message: made once, copied into frames, never written to. */
  public byte[] bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return "LoggedMessage[seq=" + seq + ", messageId=" + messageId + ", " + bytes.length
        + " bytes]";
  }
}
