package io.gochat.bench.verify;

import io.gochat.bench.common.LoopGroups;
import io.gochat.bench.websocket.FramesOverWebSocket;
import io.gochat.protocol.frame.FrameHeader;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Stands between the proxy and a server: connections that begin as frames go on as WebSocket, others (HTTP) as they are.
 * So the SDK, the faults and the judge see what they always see, and the server sees WebSocket. Thread-safe.
 */
final class WebSocketBridge implements AutoCloseable {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final RunTls tls;
  private final Channel listener;
  private volatile @Nullable InetSocketAddress upstream;

  /** Listens on a free port of the loopback address; {@code tls} is spoken to the server. */
  WebSocketBridge(RunTls tls) {
    this.tls = tls;
    listener = new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childHandler(new ChannelInitializer<SocketChannel>() {
          @Override
          protected void initChannel(SocketChannel front) {
            front.pipeline().addLast(new Front());
          }
        })
        .bind("127.0.0.1", 0)
        .syncUninterruptibly()
        .channel();
  }

  /** Where the proxy connects. */
  InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** Where the server is; null: nowhere. */
  void upstream(@Nullable InetSocketAddress address) {
    upstream = address;
  }

  @Override
  public void close() {
    listener.close().syncUninterruptibly();
    LoopGroups.close(group);
  }

  /** The side of the proxy: waits for its first byte, which says what it is. Confined to its event loop. */
  private final class Front extends ChannelInboundHandlerAdapter {
    private @Nullable Channel back;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel other = back;
      if (other != null) {
        other.writeAndFlush(message);
      } else {
        open(context.channel(), (ByteBuf) message);
      }
    }

    private void open(Channel front, ByteBuf first) {
      InetSocketAddress server = upstream;
      if (server == null) {
        first.release();
        front.close();
        return;
      }
      front.config().setAutoRead(false);
      boolean isFrames = first.getByte(first.readerIndex()) == FrameHeader.VERSION;
      ChannelFuture connecting = new Bootstrap()
          .group(front.eventLoop())
          .channel(NioSocketChannel.class)
          .option(ChannelOption.TCP_NODELAY, true)
          .handler(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel channel) {
              if (isFrames) {
                FramesOverWebSocket.install(channel.pipeline(), server);
              }
              channel.pipeline().addLast(new Back(front, first));
              tls.connect(channel, server);
            }
          })
          .connect(server);
      back = connecting.channel();
      connecting.addListener(done -> {
        if (!done.isSuccess()) {
          front.close();
        }
      });
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      if (back != null) {
        back.config().setAutoRead(context.channel().isWritable());
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      if (back != null) {
        back.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }

  /** The side of the server. Confined to the event loop of its front. */
  private static final class Back extends ChannelInboundHandlerAdapter {
    private final Channel front;
    private @Nullable ByteBuf first;

    Back(Channel front, ByteBuf first) {
      this.front = front;
      this.first = first;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      ByteBuf held = first;
      first = null;
      if (held != null) {
        context.writeAndFlush(held);
      }
      front.config().setAutoRead(true);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      front.writeAndFlush(message);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      front.config().setAutoRead(context.channel().isWritable());
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      if (first != null) {
        first.release();
        first = null;
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      front.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
