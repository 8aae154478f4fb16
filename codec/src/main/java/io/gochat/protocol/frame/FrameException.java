package io.gochat.protocol.frame;

/**
 * The peer broke the framing; the connection cannot go on. Stackless, because a hostile peer decides how often it is
 * thrown. Immutable.
 */
public final class FrameException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** What was wrong. */
  public enum Reason {
    /** The first byte of a frame is not the version that we speak. */
    BAD_VERSION,
    /** The length is 0 or over the bound. */
    BAD_LENGTH,
    /** The payload is not what its schema says: broken protobuf or invalid UTF-8. */
    BAD_PROTOBUF
  }

  FrameException(Reason reason, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
  }

  /** What was wrong, for counters and answers. */
  public Reason reason() {
    return reason;
  }
}
