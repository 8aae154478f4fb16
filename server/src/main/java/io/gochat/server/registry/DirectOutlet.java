package io.gochat.server.registry;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Pushes to a plain epoll socket, past the pipeline. Confined to the channel's event loop.
 *
 * <p>Bytes go from the chunk straight to the socket when nothing else is queued: no slice, no promise, no entry in the
 * outbound buffer. What the socket does not take is finished through the outbound buffer, but only up to the end of the
 * frame that was begun: a copy of one frame, so that a consumer that stops reading pins no chunk.
 */
final class DirectOutlet implements Outlet {
  private static final int BYTES_PER_VISIT = 64 * 1024;

  private final Channel channel;
  private final Channel.Unsafe unsafe;
  private final Socket socket;

  DirectOutlet(EpollSocketChannel channel) {
    this.channel = channel;
    this.unsafe = channel.unsafe();
    this.socket = (Socket) channel.fd();
  }

  @Override
  public int bytesPerVisit() {
    return BYTES_PER_VISIT;
  }

  @Override
  public long touch() {
    ChannelOutboundBuffer queued = queued();
    return (queued == null ? 0 : queued.totalPendingWriteBytes()) + socket.intValue();
  }

  @Override
  public @Nullable ChannelOutboundBuffer queued() {
    return unsafe.outboundBuffer();
  }

  @Override
  public void flush() {
    unsafe.flush();
  }

  @Override
  public int push(Chunk chunk, int from, int to) {
    int sent;
    try {
      sent = socket.sendAddress(chunk.bytes.memoryAddress(), from, to);
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

  @Override
  public void write(ByteBuf frames) {
    unsafe.write(frames, unsafe.voidPromise());
    unsafe.flush();
  }

  @Override
  public void close() {
    unsafe.close(unsafe.voidPromise());
  }

  @Override
  public void whenDrained(Runnable drained) {
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
