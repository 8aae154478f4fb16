package io.gochat.bench.load;

import io.gochat.bench.common.LoopGroups;
import io.gochat.bench.websocket.FramesOverWebSocket;
import io.gochat.bench.websocket.Via;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The client's event loops: some that receive and one that publishes, so that a publish is not late because deliveries
 * are being parsed. Thread-safe.
 */
final class Loops implements AutoCloseable {
  // The largest that the allocator keeps in its per-thread cache.
  private static final int READ_BYTES = 32 * 1024;
  private static final long READY_TIMEOUT_S = 60;

  private final Via via;
  private final boolean epoll = Epoll.isAvailable();
  private final MultiThreadIoEventLoopGroup receiverGroup;
  private final MultiThreadIoEventLoopGroup publisherGroup;
  private final List<ReceiverLoop> receivers = new ArrayList<>();
  private final EventLoop publisher;
  private final List<Long> receiverThreads = new ArrayList<>();
  private final long publisherThread;

  /** So many loops that receive; connections that are not HTTP go this way. */
  Loops(int receiverLoops, Via via) {
    this.via = via;
    IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    receiverGroup = new MultiThreadIoEventLoopGroup(
        receiverLoops, new DefaultThreadFactory("load-receive", true), io);
    publisherGroup =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("load-publish", true), io);
    for (int i = 0; i < receiverLoops; i++) {
      EventLoop loop = receiverGroup.next();
      receivers.add(new ReceiverLoop(loop));
      receiverThreads.add(threadOf(loop));
    }
    publisher = publisherGroup.next();
    publisherThread = threadOf(publisher);
  }

  List<ReceiverLoop> receivers() {
    return receivers;
  }

  EventLoop publisher() {
    return publisher;
  }

  /** Opens a connection on {@code loop}; the handler hears of the rest. */
  ChannelFuture connect(
      EventLoop loop, ServerAddress target, LoadPlan plan, int index, ChannelHandler handler) {
    return bootstrap(loop, target, handler)
        .connect(target.address(), target.source(index, plan.sources()));
  }

  /**
   * Opens a connection that takes {@code readBytes} at a time.
   *
   * @param receiveBufferBytes what the kernel takes for it; 0: the system's choice
   */
  ChannelFuture connectSlow(
      EventLoop loop,
      ServerAddress target,
      int readBytes,
      int receiveBufferBytes,
      ChannelHandler handler) {
    Bootstrap bootstrap = bootstrap(loop, target, handler)
        .option(
            ChannelOption.RECVBUF_ALLOCATOR,
            new FixedRecvByteBufAllocator(readBytes).maxMessagesPerRead(1));
    if (receiveBufferBytes > 0) {
      bootstrap.option(ChannelOption.SO_RCVBUF, receiveBufferBytes);
    }
    return bootstrap.connect(target.address());
  }

  private Bootstrap bootstrap(EventLoop loop, ServerAddress target, ChannelHandler handler) {
    ChannelHandler spoken = via == Via.WS && !(handler instanceof HttpPublisherConnection)
        ? overWebSocket(target, handler)
        : handler;
    ChannelHandler first = target
        .tls()
        .map(tls -> tls.inFrontOf(target.name(), target.address().getPort(), spoken))
        .orElse(spoken);
    Bootstrap bootstrap = new Bootstrap()
        .group(loop)
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(READ_BYTES))
        .handler(first);
    if (epoll) {
      // Without it bind() picks the port, and may pick none long before the addresses are used up.
      bootstrap.option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
    }
    return bootstrap;
  }

  private static ChannelHandler overWebSocket(ServerAddress target, ChannelHandler handler) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        FramesOverWebSocket.install(channel.pipeline(), target.address());
        channel.pipeline().addLast(handler);
      }
    };
  }

  /** CPU time of each receiving loop so far, ns. */
  List<Long> receiverCpuNs() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    return receiverThreads.stream().map(threads::getThreadCpuTime).toList();
  }

  /** CPU time of the publishing loop so far, ns. */
  long publisherCpuNs() {
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(publisherThread);
  }

  @Override
  public void close() {
    LoopGroups.close(publisherGroup);
    LoopGroups.close(receiverGroup);
  }

  /** Waits for a connection; the server's heartbeat in ms. */
  static int await(CompletableFuture<Integer> ready) throws InterruptedException {
    try {
      return ready.get(READY_TIMEOUT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LoadFailure failure
          ? failure
          : new LoadFailure("a connection failed: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new LoadFailure("a connection was not ready after " + READY_TIMEOUT_S + " s", e);
    }
  }

  /** Runs something on a loop, and waits for it. */
  static <T> T on(EventLoop loop, Callable<T> task) throws InterruptedException {
    return loop.submit(task).sync().getNow();
  }

  private static long threadOf(EventLoop loop) {
    return loop.submit(() -> Thread.currentThread().getId())
        .syncUninterruptibly()
        .getNow();
  }
}
