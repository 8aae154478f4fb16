package io.gochat.server.registry;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The way of pushed bytes into one connection. Confined to the channel's event loop.
 *
 * <p>On epoll, bytes go from the chunk straight to the socket when nothing else is queued: no slice, no promise, no
 * entry in the outbound buffer. What the socket does not take is finished through the outbound buffer, but only up to
 * the end of the frame that was begun: a copy of one frame, so that a consumer that stops reading pins no chunk.
 * Everything else (other transports, TLS one day) goes through {@code unsafe()}.
 */
final class Outlet {
  private final Channel channel;
  private final Channel.Unsafe unsafe;
  private final @Nullable Socket socket;

  Outlet(Channel channel) {
    this.channel = channel;
    this.unsafe = channel.unsafe();
    this.socket = socketOf(channel);
  }

  private static @Nullable Socket socketOf(Channel channel) {
    if (channel instanceof UnixChannel unix) {
      FileDescriptor fd = unix.fd();
      return fd instanceof Socket found ? found : null;
    }
    return null;
  }

  /** Reads what a push will read, so that the cache misses of a group of connections overlap. */
  long touch() {
    ChannelOutboundBuffer queued = unsafe.outboundBuffer();
    Socket direct = socket;
    return (queued == null ? 0 : queued.totalPendingWriteBytes())
        + (direct == null ? 0 : direct.intValue());
  }

  /** Whether the channel is closed: nothing more will leave. */
  boolean isClosed() {
    return unsafe.outboundBuffer() == null;
  }

  /**
   * Whether a push may begin: nothing is queued. What is queued but not flushed (answers) goes out first: pushes must not
   * overtake it.
   */
  boolean isReady() {
    ChannelOutboundBuffer queued = unsafe.outboundBuffer();
    if (queued == null) {
      return false;
    }
    if (queued.totalPendingWriteBytes() == 0 && queued.isEmpty()) {
      return true;
    }
    unsafe.flush();
    return isEmpty();
  }

  /** Whether everything that was written has left for the kernel. */
  boolean isEmpty() {
    ChannelOutboundBuffer queued = unsafe.outboundBuffer();
    return queued != null && queued.isEmpty() && queued.totalPendingWriteBytes() == 0;
  }

  /**
   * Sends {@code [from, to)} of the chunk, both frame boundaries; {@link #isReady()} was true. The chunk stays the
   * caller's.
   *
   * @return the frame boundary up to which bytes are sent or queued; the rest is not this outlet's
   */
  int push(Chunk chunk, int from, int to) {
    Socket direct = socket;
    if (direct == null) {
      unsafe.write(chunk.bytes.retainedSlice(from, to - from), unsafe.voidPromise());
      unsafe.flush();
      return to;
    }
    int sent;
    try {
      sent = direct.sendAddress(chunk.bytes.memoryAddress(), from, to);
    } catch (IOException e) {
      // The peer is gone. Closing tells the connection's handler, which detaches.
      channel.close();
      return to;
    }
    int reached = from + sent;
    if (reached == to) {
      return to;
    }
    int boundary = chunk.boundaryFrom(reached, sent == 0);
    if (boundary > reached) {
      ByteBuf rest = channel.alloc().directBuffer(boundary - reached);
      rest.writeBytes(chunk.bytes, reached, boundary - reached);
      write(rest);
    }
    return boundary;
  }

  /** Queues and flushes {@code frames}, complete frames; releases them. */
  void write(ByteBuf frames) {
    unsafe.write(frames, unsafe.voidPromise());
    unsafe.flush();
  }

  /** Calls {@code drained} when all that is queued now has left; never when the channel closes before. */
  void whenDrained(Runnable drained) {
    ChannelPromise promise = channel.newPromise();
    promise.addListener((ChannelFutureListener) future -> {
      if (future.isSuccess()) {
        drained.run();
      }
    });
    unsafe.write(Unpooled.EMPTY_BUFFER, promise);
    unsafe.flush();
  }
}
