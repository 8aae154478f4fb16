package io.gochat.bench.jmh;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The other end of the connections, in a process of its own, so that reading costs the measured event loop nothing. It
 * throws away what it gets and counts it in a mapped file, which the measuring process reads without a system call.
 */
public final class Sink {
  private static final int BACKLOG = 4096;
  // The largest that the allocator keeps in its per-thread cache.
  private static final int READ_BYTES = 32 * 1024;

  private Sink() {}

  /** {@code args[0]} is the file of the counter. Prints its port; ends when its standard input does. */
  public static void main(String[] args) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(args[0], "rw")) {
      MappedByteBuffer counter =
          file.getChannel().map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
      counter.order(ByteOrder.nativeOrder());
      MultiThreadIoEventLoopGroup group =
          new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
      Channel listener = new ServerBootstrap()
          .group(group)
          .channel(EpollServerSocketChannel.class)
          .option(ChannelOption.SO_BACKLOG, BACKLOG)
          .childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
          .childHandler(new Counting(counter))
          .bind(new InetSocketAddress("0.0.0.0", 0))
          .syncUninterruptibly()
          .channel();
      System.out.println(((InetSocketAddress) listener.localAddress()).getPort());
      while (System.in.read() >= 0) {
        // Waits for its parent to end.
      }
      group.shutdownGracefully();
    }
    System.exit(0);
  }

  /** Confined to the one event loop, which alone writes the counter. */
  @Sharable
  private static final class Counting extends ChannelInboundHandlerAdapter {
    private final MappedByteBuffer counter;
    private long total;

    Counting(MappedByteBuffer counter) {
      this.counter = counter;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf in = (ByteBuf) message;
      total += in.readableBytes();
      in.release();
      counter.putLong(0, total);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // Resets at the end of a run.
      ctx.close();
    }
  }
}
