package io.gochat.server.registry;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Pushes through the channel's pipeline, where handlers must see every byte (TLS) or the socket has no quicker way (NIO).
 * Confined to the channel's event loop.
 *
 * <p>A visit writes what fits one TLS record, as one buffer. What a TLS handler holds, encrypted or not, counts among the
 * channel's pending bytes, so {@link #isEmpty} knows of it. Encrypted, the buffer is a slice of the chunk, which the handler
 * lets go when it has made the record; otherwise it is a copy, because a slice would pin its chunk for as long as the peer
 * does not read.
 */
final class PipelineOutlet implements Outlet {
  /** The most that one TLS record carries; what a send of a NIO socket takes does not matter much. */
  private static final int BYTES_PER_VISIT = 16 * 1024;

  private final Channel channel;
  private final boolean encrypted;

  PipelineOutlet(Channel channel, boolean encrypted) {
    this.channel = channel;
    this.encrypted = encrypted;
  }

  @Override
  public int bytesPerVisit() {
    return BYTES_PER_VISIT;
  }

  @Override
  public long touch() {
    ChannelOutboundBuffer queued = queued();
    return queued == null ? 0 : queued.totalPendingWriteBytes();
  }

  @Override
  public @Nullable ChannelOutboundBuffer queued() {
    return channel.unsafe().outboundBuffer();
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public int push(Chunk chunk, int from, int to) {
    int length = to - from;
    ByteBuf bytes = encrypted
        ? chunk.bytes.retainedSlice(from, length)
        : channel.alloc().directBuffer(length).writeBytes(chunk.bytes, from, length);
    write(bytes);
    return to;
  }

  @Override
  public void write(ByteBuf frames) {
    channel.write(
        frames, channel.unsafe().voidPromise()); // which tells no handler of a closed channel
    channel.flush();
  }

  @Override
  public void close() {
    // Below a TLS handler, which would wait for its peer to read first.
    channel.unsafe().close(channel.unsafe().voidPromise());
  }

  @Override
  public void whenDrained(Runnable drained) {
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener) future -> {
      if (future.isSuccess()) {
        drained.run();
      }
    });
  }
}
