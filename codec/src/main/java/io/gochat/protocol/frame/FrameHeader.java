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

  /** Writes the header of a payload of {@code length} bytes to {@code frame}, from {@code at} on. */
  public static void write(int length, byte[] frame, int at) {
    frame[at] = VERSION;
    frame[at + 1] = (byte) (length >>> 16);
    frame[at + 2] = (byte) (length >>> 8);
    frame[at + 3] = (byte) length;
  }

  /** The payload's length that the header at {@code at} says. */
  public static int lengthIn(byte[] bytes, int at) {
    return (bytes[at + 1] & 0xFF) << 16 | (bytes[at + 2] & 0xFF) << 8 | (bytes[at + 3] & 0xFF);
  }

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
