package io.gochat.server.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AbstractChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * The server's end of a {@link Wire}, as Netty's socket channels are: partial writes, half closes, resets. Readiness is
 * asked for and used by the schedule, on this channel's loop.
 */
final class SimulatedChannel extends AbstractChannel implements DuplexChannel {
  private static final ChannelMetadata METADATA = new ChannelMetadata(false);

  final Wire wire;
  private final ChannelConfig config = new DefaultChannelConfig(this);
  private final InetSocketAddress client;
  private boolean open = true;
  private boolean outputShutdown;

  SimulatedChannel(Wire wire, InetSocketAddress client, ByteBufAllocator memory, int highWater) {
    super(null);
    this.wire = wire;
    this.client = client;
    config.setAllocator(memory);
    config.setWriteBufferWaterMark(new WriteBufferWaterMark(highWater / 2, highWater));
  }

  SimulatedLoop loop() {
    return (SimulatedLoop) eventLoop();
  }

  // ---- readiness ----

  /** Whether a poll would say that there is something to read. */
  boolean isReadable() {
    return open
        && config.isAutoRead()
        && (wire.isReset() || wire.toServer.size() > 0 || wire.clientEnded());
  }

  /** Reads, at most {@code most} bytes. */
  void read(int most) {
    if (wire.isReset()) {
      pipeline().fireExceptionCaught(new IOException("Connection reset by peer"));
      unsafe().close(voidPromise());
    } else if (wire.toServer.size() > 0) {
      readBytes(Math.min(most, wire.toServer.size()));
    } else {
      unsafe().close(voidPromise());
    }
  }

  private void readBytes(int count) {
    ByteBuf received;
    try {
      received = alloc().ioBuffer(count);
    } catch (OutOfMemoryError e) {
      pipeline().fireExceptionCaught(e);
      unsafe().close(voidPromise());
      return;
    }
    pipeline().fireChannelRead(received.writeBytes(wire.toServer.take(count)));
    pipeline().fireChannelReadComplete();
  }

  /** Whether a poll would say that something unsent can be sent. */
  boolean isFlushable() {
    ChannelOutboundBuffer queued = unsafe().outboundBuffer();
    return open && queued != null && !queued.isEmpty() && (wire.isReset() || wire.room() > 0);
  }

  /** Sends on. */
  void flushOn() {
    ((SimulatedUnsafe) unsafe()).flushOn();
  }

  // ---- AbstractChannel ----

  @Override
  protected void doWrite(ChannelOutboundBuffer in) throws IOException {
    for (Object current = in.current(); current != null; current = in.current()) {
      if (wire.isReset()) {
        throw new IOException("Broken pipe");
      }
      ByteBuf bytes = (ByteBuf) current;
      int readable = bytes.readableBytes();
      int fits = Math.min(readable, wire.room());
      if (fits > 0) {
        byte[] copy = new byte[fits];
        bytes.getBytes(bytes.readerIndex(), copy);
        wire.written(copy);
        in.removeBytes(fits);
      } else if (readable == 0) {
        in.remove();
      }
      if (fits < readable) {
        return;
      }
    }
  }

  @Override
  protected void doClose() {
    open = false;
    wire.serverEnds();
    wire.toServer.clear();
  }

  @Override
  protected void doShutdownOutput() {
    outputShutdown = true;
    wire.serverEnds();
  }

  @Override
  protected AbstractUnsafe newUnsafe() {
    return new SimulatedUnsafe();
  }

  @Override
  protected boolean isCompatible(EventLoop loop) {
    return loop instanceof SimulatedLoop;
  }

  @Override
  protected SocketAddress localAddress0() {
    return client;
  }

  @Override
  protected SocketAddress remoteAddress0() {
    return client;
  }

  @Override
  protected void doBind(SocketAddress localAddress) {}

  @Override
  protected void doDisconnect() {
    doClose();
  }

  @Override
  protected void doBeginRead() {
    // readiness is asked for
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public boolean isActive() {
    return open;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  private final class SimulatedUnsafe extends AbstractUnsafe {
    void flushOn() {
      flush0();
    }

    @Override
    public void connect(SocketAddress remote, SocketAddress local, ChannelPromise promise) {
      throw new UnsupportedOperationException();
    }
  }

  // ---- DuplexChannel ----

  @Override
  public boolean isInputShutdown() {
    return !open;
  }

  @Override
  public boolean isOutputShutdown() {
    return outputShutdown || !open;
  }

  @Override
  public boolean isShutdown() {
    return isInputShutdown() && isOutputShutdown();
  }

  @Override
  public ChannelFuture shutdownOutput() {
    return shutdownOutput(newPromise());
  }

  @Override
  public ChannelFuture shutdownOutput(ChannelPromise promise) {
    ((AbstractUnsafe) unsafe()).shutdownOutput(promise);
    return promise;
  }

  @Override
  public ChannelFuture shutdownInput() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ChannelFuture shutdownInput(ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ChannelFuture shutdown() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ChannelFuture shutdown(ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }
}
