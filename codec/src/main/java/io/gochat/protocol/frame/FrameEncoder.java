package io.gochat.protocol.frame;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Writes frames in one pass, without arrays in between. Thread-safe and stateless; the caller owns every buffer.
 */
public final class FrameEncoder {
  /** Field 6 of {@code ServerFrame}, length-delimited. */
  private static final int DELIVERY_TAG = (6 << 3) | 2;

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
    int start = out.writerIndex();
    CodedOutputStream coded = out.hasArray()
        ? CodedOutputStream.newInstance(out.array(), out.arrayOffset() + start, length)
        : CodedOutputStream.newInstance(out.nioBuffer(start, length));
    try {
      frame.writeTo(coded);
      coded.flush();
    } catch (IOException e) {
      // The buffer is exactly as large as the message said: a bug, not I/O.
      throw new UncheckedIOException(e);
    }
    out.writerIndex(start + length);
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
    return FrameHeader.BYTES + deliveryLength(messageBytes);
  }

  /**
   * Appends the frame that delivers {@code message}, the serialized {@code io.gochat.protocol.Message}: the same bytes
   * as a {@code ServerFrame} with that {@code delivery}, without parsing it. {@code out} stays the caller's.
   */
  public static void encodeDelivery(byte[] message, ByteBuf out) {
    int length = FrameHeader.requireLength(deliveryLength(message.length));
    out.ensureWritable(FrameHeader.BYTES + length);
    writeHeader(length, out);
    out.writeByte(DELIVERY_TAG);
    writeVarint(message.length, out);
    out.writeBytes(message);
  }

  private static int deliveryLength(int messageBytes) {
    return 1 + CodedOutputStream.computeUInt32SizeNoTag(messageBytes) + messageBytes;
  }

  private static void writeHeader(int length, ByteBuf out) {
    out.writeInt((FrameHeader.VERSION << 24) | length);
  }

  private static void writeVarint(int value, ByteBuf out) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }
}
