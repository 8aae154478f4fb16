package io.gochat.server.command;

import io.gochat.protocol.ServerFrame;
import io.gochat.server.command.AnswerFormat.Encoded;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection's answers on their way out: gathered into one buffer, so that many answers are one write, which leaves at
 * the end of a read or of the loop's task. Holds a buffer only between a first answer and that flush. Confined to the
 * channel's event loop.
 *
 * <p>What waits is charged to the budget of the process, from the moment it is promised until the socket has taken
 * everything: only reads can be refused for want of room, because whoever changes something asks before it is done.
 */
final class Output implements Runnable {
  /** Beyond this the bytes become the channel's at once, so that its watermark sees them. */
  private static final int GATHERED_BYTES = 16 * 1_024;

  private static final int SMALL_BYTES = 256;

  private final CommandLoop loop;
  private final Peer peer;
  private final Waiting waiting;
  private long written;
  private @Nullable ByteBuf gathered;
  private boolean unflushed;
  private boolean inRead;

  Output(CommandLoop loop, Peer peer, Waiting waiting) {
    this.loop = loop;
    this.peer = peer;
    this.waiting = waiting;
  }

  /** What is added from now on leaves with {@link #endRead}. */
  void beginRead() {
    inRead = true;
  }

  void endRead() {
    inRead = false;
    flushAdded();
  }

  /** Takes room for an answer that will come; false: there is none. */
  boolean promise(int bytes) {
    settle();
    return waiting.take(bytes);
  }

  /** The same, of which a "no" is no refusal. */
  boolean promiseIfFree(int bytes) {
    settle();
    return waiting.takeIfFree(bytes);
  }

  /** The answer that was promised has been added, or will not come. */
  void keptPromise(int bytes) {
    waiting.give(bytes);
  }

  /** Adds a frame, which was promised or is small. */
  void add(ServerFrame frame) {
    AnswerFormat format = peer.format();
    int size = format.size(frame);
    waiting.force(size);
    format.write(frame, room(size));
  }

  /** The same with something encoded. */
  void add(Encoded encoded) {
    int size = encoded.size();
    waiting.force(size);
    encoded.writeTo(room(size));
  }

  /** Adds what may be large, if there is room for it. */
  boolean addIfRoom(Encoded encoded) {
    settle();
    int size = encoded.size();
    if (!waiting.take(size)) {
      return false;
    }
    encoded.writeTo(room(size));
    return true;
  }

  /** Whether answers wait for the socket, as far as is known, where there is little room for them. */
  boolean isRoomScarce() {
    return written > 0 && waiting.isRoomScarce();
  }

  /** Looks how much the socket has taken; what the fan-out has queued beside counts as not taken. */
  void settle() {
    ChannelOutboundBuffer queued = peer.channel().unsafe().outboundBuffer();
    if (written > 0 && queued != null) {
      ByteBuf buffer = gathered;
      long left = queued.totalPendingWriteBytes() + (buffer == null ? 0 : buffer.readableBytes());
      if (left < written) {
        waiting.give(written - left);
        written = left;
      }
    }
  }

  /** Where the next frame of {@code bytes} bytes goes; the buffer stays this object's. */
  private ByteBuf room(int bytes) {
    askForFlush();
    written += bytes;
    if (gathered != null && gathered.readableBytes() + bytes > GATHERED_BYTES) {
      write();
    }
    ByteBuf buffer = gathered;
    if (buffer == null) {
      buffer = peer.channel().alloc().directBuffer(Math.max(bytes, SMALL_BYTES));
      gathered = buffer;
    }
    return buffer;
  }

  /** The first of several asks for the flush of all. */
  private void askForFlush() {
    if (!unflushed && !inRead) {
      loop.executeAfterwards(this);
    }
    unflushed = true;
  }

  /** Flushes what was added, after what ran. What is thrown costs this connection, and no other. */
  @Override
  public void run() {
    try {
      flushAdded();
    } catch (RuntimeException | Error e) {
      peer.channel().pipeline().fireExceptionCaught(e);
    }
  }

  private void flushAdded() {
    if (unflushed) {
      flush();
    }
  }

  /** Hands what is gathered to the channel, in front of whatever is written to it from now on. */
  void write() {
    ByteBuf buffer = gathered;
    if (buffer != null) {
      gathered = null;
      Channel channel = peer.channel();
      channel.write(buffer, channel.voidPromise());
    }
  }

  void flush() {
    write();
    unflushed = false;
    peer.channel().flush();
    settle();
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
