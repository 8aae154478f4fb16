package io.gochat.server.frame;

import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import org.jspecify.annotations.Nullable;

/**
 * A connection's answers on their way out: gathered into one buffer, so that many answers are one write. Holds a buffer
 * only between a first answer and the next flush. Confined to the channel's event loop.
 */
final class FrameOutput {
  /** Beyond this the bytes become the channel's at once, so that its watermark sees them. */
  private static final int GATHERED_BYTES = 16 * 1_024;

  private static final int SMALL_BYTES = 256;

  private final Channel channel;
  private @Nullable ByteBuf gathered;
  private boolean unflushed;

  FrameOutput(Channel channel) {
    this.channel = channel;
  }

  /** Adds a frame. */
  void add(ServerFrame frame) {
    FrameEncoder.encode(frame, room(FrameEncoder.size(frame)));
  }

  /** Where the next frame of {@code bytes} bytes goes; the buffer stays this object's. */
  ByteBuf room(int bytes) {
    unflushed = true;
    if (gathered != null && gathered.readableBytes() + bytes > GATHERED_BYTES) {
      write();
    }
    ByteBuf buffer = gathered;
    if (buffer == null) {
      buffer = channel.alloc().directBuffer(Math.max(bytes, SMALL_BYTES));
      gathered = buffer;
    }
    return buffer;
  }

  /** Whether something waits for a flush. */
  boolean isUnflushed() {
    return unflushed;
  }

  /** Hands what is gathered to the channel, in front of whatever is written to it from now on. */
  void write() {
    ByteBuf buffer = gathered;
    if (buffer != null) {
      gathered = null;
      channel.write(buffer, channel.voidPromise());
    }
  }

  void flush() {
    write();
    unflushed = false;
    channel.flush();
  }

  /** Flushes; the future completes when everything so far has left. */
  ChannelFuture flushAll() {
    write();
    unflushed = false;
    return channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  void release() {
    ByteBuf buffer = gathered;
    if (buffer != null) {
      gathered = null;
      buffer.release();
    }
    unflushed = false;
  }
}
