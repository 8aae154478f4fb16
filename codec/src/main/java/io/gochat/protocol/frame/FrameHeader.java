package io.gochat.protocol.frame;

import io.gochat.protocol.frame.FrameException.Reason;

/** The four bytes in front of a payload: version, then the length as 24 bits, big endian. Immutable constants. */
public final class FrameHeader {
  /** The first byte of every frame, and so of a connection. */
  public static final int VERSION = 0x01;

  /** Bytes in front of the payload. */
  public static final int BYTES = 4;

  /** The largest length that 24 bits can say. */
  public static final int MAX_LENGTH = 0xFF_FFFF;

  private FrameHeader() {}

  static void checkVersion(int version) throws FrameException {
    if (version != VERSION) {
      throw new FrameException(Reason.BAD_VERSION, "version byte " + version + ", not " + VERSION);
    }
  }

  static void checkLength(int length, int maxPayloadBytes) throws FrameException {
    if (length == 0 || length > maxPayloadBytes) {
      throw new FrameException(
          Reason.BAD_LENGTH, "frame length " + length + ", not 1 to " + maxPayloadBytes);
    }
  }

  static int requireLength(int length) {
    if (length <= 0 || length > MAX_LENGTH) {
      throw new IllegalArgumentException("not a frame length: " + length);
    }
    return length;
  }
}
