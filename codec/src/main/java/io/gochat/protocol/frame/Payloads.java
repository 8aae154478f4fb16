package io.gochat.protocol.frame;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What stands behind a frame's header, and alone in a binary WebSocket message. Thread-safe and stateless; the caller owns
 * every buffer.
 */
public final class Payloads {
  /** Field 6 of {@code ServerFrame}, length-delimited. */
  private static final int DELIVERY_TAG = (6 << 3) | 2;

  private Payloads() {}

  /** Appends {@code message}, of {@code size} serialized bytes, to {@code out}. */
  public static void write(MessageLite message, int size, ByteBuf out) {
    out.ensureWritable(size);
    int start = out.writerIndex();
    CodedOutputStream coded = out.hasArray()
        ? CodedOutputStream.newInstance(out.array(), out.arrayOffset() + start, size)
        : CodedOutputStream.newInstance(out.nioBuffer(start, size));
    try {
      message.writeTo(coded);
      coded.flush();
    } catch (IOException e) {
      // The buffer is exactly as large as the message said: a bug, not I/O.
      throw new UncheckedIOException(e);
    }
    out.writerIndex(start + size);
  }

  /** The bytes that {@link #writeDelivery} appends for a serialized message of {@code messageBytes} bytes. */
  public static int deliverySize(int messageBytes) {
    return 1 + CodedOutputStream.computeUInt32SizeNoTag(messageBytes) + messageBytes;
  }

  /**
   * Appends the {@code ServerFrame} that delivers {@code message}, a serialized {@code io.gochat.protocol.Message},
   * without parsing it.
   */
  public static void writeDelivery(byte[] message, ByteBuf out) {
    out.writeByte(DELIVERY_TAG);
    writeVarint(message.length, out);
    out.writeBytes(message);
  }

  static void writeVarint(int value, ByteBuf out) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      out.writeByte((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.writeByte(rest);
  }
}
