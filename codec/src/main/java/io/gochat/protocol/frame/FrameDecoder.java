package io.gochat.protocol.frame;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.gochat.protocol.frame.FrameException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a byte stream into frames, however it was split on its way. Confined to one thread, usually the connection's
 * event loop. Between frames it holds no buffer at all, so that an idle connection costs this object only.
 *
 * <p>Use: {@link #feed} what was received, then take frames until there is none; a caller that stops taking in between
 * (backpressure) finds the rest here later. What is held for an incomplete frame grows with the bytes that really
 * arrived, never with the length that a header claims. After a {@link FrameException} only {@link #close} makes sense.
 */
public final class FrameDecoder implements AutoCloseable {
  private final int maxPayloadBytes;

  /** The bytes of one incomplete frame, copied out so that no receive buffer is pinned by a few bytes. */
  private @Nullable ByteBuf partial;

  /** How long that frame will be, with its header; -1: not known yet. */
  private int partialTotal;

  /** What was received and not yet looked at. */
  private @Nullable ByteBuf received;

  /** Where the frame found last lies; its reader index stands behind the frame. */
  private ByteBuf current = Unpooled.EMPTY_BUFFER;

  private int payloadIndex;

  /** Accepts payloads of 1 to {@code maxPayloadBytes} bytes. */
  public FrameDecoder(int maxPayloadBytes) {
    this.maxPayloadBytes = FrameHeader.requireLength(maxPayloadBytes);
  }

  /** Takes over {@code in} and will release it. */
  public void feed(ByteBuf in) {
    ByteBuf before = received;
    if (!in.isReadable()) {
      in.release();
    } else if (before == null) {
      received = in;
    } else {
      // Only when the caller feeds on without having taken all frames.
      received = null;
      try {
        ByteBuf joined = before.alloc().buffer(before.readableBytes() + in.readableBytes());
        received = joined.writeBytes(before).writeBytes(in);
      } finally {
        before.release();
        in.release();
      }
    }
  }

  /**
   * Looks for the next frame and takes it.
   *
   * @return the payload's length, or -1 when bytes are missing
   */
  public int poll() throws FrameException {
    forget();
    ByteBuf in = received;
    if (in == null) {
      return -1;
    }
    if (partial != null) {
      return pollPartial(partial, in);
    }
    int total = frameBytes(in);
    if (total < 0 || in.readableBytes() < total) {
      partialTotal = total;
      partial = copyOf(in, total);
      releaseReceived();
      return -1;
    }
    return found(in, total);
  }

  /** The next frame, or null when bytes are missing. */
  public <T> @Nullable T next(Parser<T> parser) throws FrameException {
    int length = poll();
    if (length < 0) {
      return null;
    }
    T frame = parse(parser, length);
    forget();
    return frame;
  }

  /**
   * The payload of the next frame, or null when bytes are missing. The slice stays this object's and is good until the
   * next call.
   */
  public @Nullable ByteBuf nextPayload() throws FrameException {
    int length = poll();
    return length < 0 ? null : current.slice(payloadIndex, length);
  }

  /** As many bytes as the frame will have, as far as that is known, that has begun and not come whole; 0: none. */
  public int unfinishedBytes() {
    return partial == null ? 0 : Math.max(partialTotal, partial.readableBytes());
  }

  /** Whether no byte is held: the stream stands between two frames. */
  public boolean isEmpty() {
    return partial == null && received == null;
  }

  /** Releases what is held. Idempotent. */
  @Override
  public void close() {
    current = Unpooled.EMPTY_BUFFER;
    if (partial != null) {
      partial.release();
      partial = null;
    }
    releaseReceived();
  }

  /** Completes the frame begun in an earlier buffer, taking no byte more than belongs to it. */
  private int pollPartial(ByteBuf head, ByteBuf in) throws FrameException {
    int total = frameBytes(head);
    if (total < 0) {
      move(in, head, FrameHeader.BYTES - head.readableBytes());
      total = frameBytes(head);
    }
    if (total >= 0) {
      move(in, head, total - head.readableBytes());
    }
    partialTotal = total;
    if (!in.isReadable()) {
      releaseReceived();
    }
    return total < 0 || head.readableBytes() < total ? -1 : found(head, total);
  }

  private int found(ByteBuf buffer, int total) {
    current = buffer;
    payloadIndex = buffer.readerIndex() + FrameHeader.BYTES;
    buffer.skipBytes(total);
    return total - FrameHeader.BYTES;
  }

  /** The frame found last was used: lets go of a buffer that it was the last of. */
  private void forget() {
    current = Unpooled.EMPTY_BUFFER;
    if (partial != null && !partial.isReadable()) {
      partial.release();
      partial = null;
    }
    if (received != null && !received.isReadable()) {
      releaseReceived();
    }
  }

  private void releaseReceived() {
    if (received != null) {
      received.release();
      received = null;
    }
  }

  /** The length of the frame at the reader index with its header, or -1 when the header is incomplete. */
  private int frameBytes(ByteBuf buffer) throws FrameException {
    int readable = buffer.readableBytes();
    int start = buffer.readerIndex();
    if (readable > 0) {
      FrameHeader.checkVersion(buffer.getUnsignedByte(start));
    }
    if (readable < FrameHeader.BYTES) {
      return -1;
    }
    int length = buffer.getUnsignedMedium(start + 1);
    FrameHeader.checkLength(length, maxPayloadBytes);
    return FrameHeader.BYTES + length;
  }

  private ByteBuf copyOf(ByteBuf in, int total) {
    int most = total < 0 ? FrameHeader.BYTES + maxPayloadBytes : total;
    ByteBuf copy = in.alloc().buffer(Math.max(in.readableBytes(), FrameHeader.BYTES), most);
    return copy.writeBytes(in);
  }

  private static void move(ByteBuf from, ByteBuf to, int wanted) {
    to.writeBytes(from, Math.min(wanted, from.readableBytes()));
  }

  private <T> T parse(Parser<T> parser, int length) throws FrameException {
    try {
      CodedInputStream coded = current.hasArray()
          ? CodedInputStream.newInstance(
              current.array(), current.arrayOffset() + payloadIndex, length)
          : CodedInputStream.newInstance(current.nioBuffer(payloadIndex, length));
      T frame = parser.parseFrom(coded);
      coded.checkLastTagWas(0);
      return frame;
    } catch (InvalidProtocolBufferException e) {
      throw new FrameException(Reason.BAD_PROTOBUF, "undecodable protobuf");
    }
  }
}
