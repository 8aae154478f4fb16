package io.gochat.server.command;

import io.gochat.protocol.ServerFrame;
import io.gochat.server.command.AnswerFormat.Encoded;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * A connection's answers on their way out: gathered into one buffer, so that many answers are one write. Holds a buffer
 * only between a first answer and the next flush. Confined to the channel's event loop.
 */
final class Output {
  /** Beyond this the bytes become the channel's at once, so that its watermark sees them. */
  private static final int GATHERED_BYTES = 16 * 1_024;

  private static final int SMALL_BYTES = 256;

  private final Channel channel;
  private final AnswerFormat format;
  private @Nullable ByteBuf gathered;
  private boolean unflushed;

  Output(Channel channel, AnswerFormat format) {
    this.channel = channel;
    this.format = format;
  }

  /** Adds a frame. */
  void add(ServerFrame frame) {
    format.write(frame, room(format.size(frame)));
  }

  /** Adds something encoded. */
  void add(Encoded encoded) {
    encoded.writeTo(room(encoded.size()));
  }

  /** Where the next frame of {@code bytes} bytes goes; the buffer stays this object's. */
  private ByteBuf room(int bytes) {
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

  void release() {
    ByteBuf buffer = gathered;
    if (buffer != null) {
      gathered = null;
      buffer.release();
    }
    unflushed = false;
  }
}
