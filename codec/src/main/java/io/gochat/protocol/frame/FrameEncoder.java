package io.gochat.protocol.frame;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Writes frames in one pass, without arrays in between. Thread-safe and stateless; the caller owns every buffer.
 */
public final class FrameEncoder {
  private FrameEncoder() {}

  /** The bytes that {@link #encode(MessageLite, ByteBuf)} will append. */
  public static int size(MessageLite frame) {
    return FrameHeader.BYTES + frame.getSerializedSize();
  }

  /**
   * Appends {@code frame} (a {@code ClientFrame} or {@code ServerFrame}) to {@code out}, which stays the caller's.
   *
   * @throws IllegalArgumentException when the frame is empty or longer than a header can say
   */
  public static void encode(MessageLite frame, ByteBuf out) {
    int length = FrameHeader.requireLength(frame.getSerializedSize());
    out.ensureWritable(FrameHeader.BYTES + length);
    writeHeader(length, out);
    Payloads.write(frame, length, out);
  }

  /** The frame alone in a buffer of exactly its size, which the caller releases. */
  public static ByteBuf encode(MessageLite frame, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer(size(frame));
    boolean done = false;
    try {
      encode(frame, out);
      done = true;
      return out;
    } finally {
      if (!done) {
        out.release();
      }
    }
  }

  /** The bytes that {@link #encodeDelivery} appends for a serialized message of {@code messageBytes} bytes. */
  public static int deliverySize(int messageBytes) {
    return FrameHeader.BYTES + Payloads.deliverySize(messageBytes);
  }

  /**
   * Appends the frame that delivers {@code message}, the serialized {@code io.gochat.protocol.Message}: the same bytes
   * as a {@code ServerFrame} with that {@code delivery}, without parsing it. {@code out} stays the caller's.
   */
  public static void encodeDelivery(byte[] message, ByteBuf out) {
    int length = FrameHeader.requireLength(Payloads.deliverySize(message.length));
    out.ensureWritable(FrameHeader.BYTES + length);
    writeHeader(length, out);
    Payloads.writeDelivery(message, out);
  }

  /** Appends the answer to a {@code Fetch} as a frame. {@code out} stays the caller's. */
  public static void encodeHistory(HistoryPayload history, ByteBuf out) {
    writeHeader(FrameHeader.requireLength(history.size()), out);
    history.writeTo(out);
  }

  private static void writeHeader(int length, ByteBuf out) {
    out.writeInt((FrameHeader.VERSION << 24) | length);
  }
}
