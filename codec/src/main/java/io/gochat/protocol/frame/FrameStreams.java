package io.gochat.protocol.frame;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gochat.protocol.frame.FrameException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The same frames over blocking streams, for small clients and tools that use no Netty. Thread-safe and stateless; a
 * stream belongs to one thread at a time.
 */
public final class FrameStreams {
  private FrameStreams() {}

  /** The frame as bytes. */
  public static byte[] toBytes(MessageLite frame) {
    int length = FrameHeader.requireLength(frame.getSerializedSize());
    byte[] bytes = new byte[FrameHeader.BYTES + length];
    FrameHeader.write(length, bytes, 0);
    System.arraycopy(frame.toByteArray(), 0, bytes, FrameHeader.BYTES, length);
    return bytes;
  }

  /** Writes the frame in one call and flushes. */
  public static void write(MessageLite frame, OutputStream out) throws IOException {
    out.write(toBytes(frame));
    out.flush();
  }

  /**
   * Reads the next frame.
   *
   * @return null when the stream ends between two frames
   * @throws EOFException when it ends within one
   */
  public static <T> @Nullable T read(InputStream in, Parser<T> parser, int maxPayloadBytes)
      throws IOException, FrameException {
    byte[] head = new byte[FrameHeader.BYTES];
    int version = in.read();
    if (version < 0) {
      return null;
    }
    FrameHeader.checkVersion(version);
    System.arraycopy(readExactly(in, FrameHeader.BYTES - 1), 0, head, 1, FrameHeader.BYTES - 1);
    int length = FrameHeader.lengthIn(head, 0);
    FrameHeader.checkLength(length, maxPayloadBytes);
    byte[] payload = readExactly(in, length);
    try {
      return parser.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new FrameException(Reason.BAD_PROTOBUF, "undecodable protobuf");
    }
  }

  private static byte[] readExactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the stream ends within a frame");
    }
    return bytes;
  }
}
