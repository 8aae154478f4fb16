package io.gochat.bench.verify;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * One proxied connection: the client's side (front) and the server's side (back), both on one event loop. {@code arm},
 * {@code stall}, {@code reset} and the getters may be called from any thread; everything else is confined to the loop.
 */
final class ProxyLink {
  private final long number;
  private final SocketChannel front;
  private final FaultProxy proxy;
  private final WireTap.Line line;
  private @Nullable SocketChannel back;
  private boolean stalled;
  private boolean closed;
  private volatile @Nullable FaultKind armed;
  private volatile boolean carriesFrames;

  ProxyLink(long number, SocketChannel front, FaultProxy proxy) {
    this.number = number;
    this.front = front;
    this.proxy = proxy;
    this.line = proxy.tap().line();
  }

  long number() {
    return number;
  }

  /** The device id of a frame connection; empty for HTTP and before the {@code Hello}. */
  String device() {
    return line.device();
  }

  /** Whether the frame channel is spoken here; HTTP, or nothing yet, otherwise. */
  boolean carriesFrames() {
    return carriesFrames;
  }

  /** Whether a fault waits for its moment here. */
  boolean isArmed() {
    return armed != null;
  }

  /** Lets it suffer {@code kind} at its next opportunity. */
  void arm(FaultKind kind) {
    armed = kind;
  }

  void stall(boolean on) {
    front.eventLoop().execute(() -> {
      stalled = on;
      readOn();
    });
  }

  /** Cuts both sides at once, with a reset. */
  void reset() {
    if (front.eventLoop().inEventLoop()) {
      closeBoth();
    } else {
      front.eventLoop().execute(this::closeBoth);
    }
  }

  ChannelHandler front() {
    return new Side() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object msg) {
        fromClient((ByteBuf) msg);
      }
    };
  }

  ChannelHandler back() {
    return new Side() {
      @Override
      public void channelRead(ChannelHandlerContext ctx, Object msg) {
        fromServer((ByteBuf) msg);
      }
    };
  }

  void connected(ChannelFuture future) {
    if (!future.isSuccess() || closed) {
      future.channel().close();
      closeBoth();
      return;
    }
    back = (SocketChannel) future.channel();
    readOn();
  }

  /** Passes on or drops the client's bytes; they are released either way. */
  private void fromClient(ByteBuf bytes) {
    SocketChannel target = back;
    if (bytes.isReadable() && bytes.getByte(bytes.readerIndex()) == 1) {
      carriesFrames = true;
    }
    if (closed || target == null || strikes(FaultKind.CUT_BEFORE)) {
      bytes.release();
      closeBoth();
      return;
    }
    line.fromClient(bytes);
    target.writeAndFlush(bytes);
    readOn();
  }

  /** Passes on or drops the server's bytes; they are released either way. */
  private void fromServer(ByteBuf bytes) {
    if (closed) {
      bytes.release();
      return;
    }
    line.fromServer(bytes);
    if (strikes(FaultKind.CUT_ANSWER)) {
      bytes.release();
      closeBoth();
    } else if (strikes(FaultKind.CUT_MIDDLE)) {
      bytes.writerIndex(bytes.readerIndex() + bytes.readableBytes() / 2);
      front.writeAndFlush(bytes).addListener((ChannelFutureListener) done -> closeBoth());
    } else if (strikes(FaultKind.CUT_AFTER)) {
      front.writeAndFlush(bytes).addListener((ChannelFutureListener) done -> closeGently());
    } else {
      front.writeAndFlush(bytes);
      readOn();
    }
  }

  private boolean strikes(FaultKind kind) {
    if (armed != kind) {
      return false;
    }
    armed = null;
    proxy.struck(kind);
    return true;
  }

  /** Each side is read only while the other takes what was read: the proxy hoards nothing. */
  private void readOn() {
    SocketChannel server = back;
    if (closed || server == null) {
      return;
    }
    front.config().setAutoRead(server.isWritable());
    server.config().setAutoRead(front.isWritable() && !stalled);
  }

  private void closeBoth() {
    if (closed) {
      return;
    }
    closed = true;
    proxy.gone(this);
    line.close();
    resetAndClose(front);
    if (back != null) {
      resetAndClose(back);
    }
  }

  private static void resetAndClose(SocketChannel channel) {
    if (channel.isOpen()) {
      channel.config().setSoLinger(0);
      channel.close();
    }
  }

  private abstract class Side extends ChannelInboundHandlerAdapter {
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      readOn();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      // What the other side has not been given yet is flushed first, as a plain TCP proxy would.
      Channel other = ctx.channel() == front ? back : front;
      if (other == null || closed) {
        closeBoth();
      } else {
        other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener((ChannelFutureListener)
            done -> closeGently());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      closeBoth();
    }
  }

  private void closeGently() {
    if (closed) {
      return;
    }
    closed = true;
    proxy.gone(this);
    line.close();
    front.close();
    if (back != null) {
      back.close();
    }
  }
}
