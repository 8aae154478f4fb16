package io.gochat.bench.jmh;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.frame.FrameFormat;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.Transport;
import io.gochat.server.registry.FanOutOptions;
import io.gochat.server.registry.SweepingFanOut;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * So many real connections of one event loop to a {@link SinkProcess}, and the ways of writing the same bytes to all of
 * them. Used by one thread; the writing happens on the event loop.
 */
final class WritePathRig implements AutoCloseable {
  private static final int CONNECTS_AT_ONCE = 128;
  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** A way of writing. */
  enum Way {
    /** A bare loop of native sends of the same bytes: what cannot be undercut from this process. */
    FLOOR,
    /** The server's fan-out, from the committed batch on. */
    SWEEP,
    /** A loop of {@code unsafe().write(slice)} and {@code flush()}. */
    SLICES,
    /** {@code ChannelGroup.writeAndFlush} per message, as most chat examples do. */
    GROUP
  }

  /**
   * What a number of batches cost the event loop.
   *
   * @param deliveries messages times members
   */
  record Cost(long deliveries, long batches, long cpuNs, long allocatedBytes) {
    double nsPerDelivery() {
      return (double) cpuNs / deliveries;
    }

    double bytesPerDelivery() {
      return (double) allocatedBytes / deliveries;
    }
  }

  private final int members;
  private final SinkProcess sink = new SinkProcess();
  private final EventLoops loops = EventLoops.start(Transport.EPOLL, 1, WritePathRig::monotonicMs);
  private final EventLoop loop = loops.all().get(0);
  private final SweepingFanOut fanOut = new SweepingFanOut(
      new StubLog(),
      loops.all(),
      FanOutOptions.DEFAULT,
      new Budgets(Budgets.Limits.DEFAULT, new SimpleMeterRegistry()),
      new SimpleMeterRegistry());
  private final Topic topic = Topic.room(Samples.ROOM);
  private final byte[] message;
  private final int frameBytes;
  private final ByteBuf frames;
  private final List<Channel> channels = new ArrayList<>();
  private final ChannelGroup group = new DefaultChannelGroup(loop);
  private final Socket[] sockets;
  private final long loopThread;
  private long nextSeq = 1;
  private long expectedBytes;

  /** Connects {@code members}; frames carry texts of {@code textBytes}, at most {@code maxPerFlush} of them at once. */
  WritePathRig(int members, int textBytes, int maxPerFlush)
      throws IOException, InterruptedException {
    this.members = members;
    message = Samples.message(textBytes).toByteArray();
    LoggedMessage logged = new LoggedMessage(1, 1, message);
    frameBytes = FrameFormat.INSTANCE.messageSize(logged);
    frames = Unpooled.directBuffer(frameBytes * maxPerFlush);
    for (int i = 0; i < maxPerFlush; i++) {
      FrameFormat.INSTANCE.writeMessage(logged, frames);
    }
    loops.work(loop, fanOut.sweepOf(loop));
    connect();
    sockets = new Socket[members];
    for (int i = 0; i < members; i++) {
      // New objects one after the other: the floor must not pay for cold channels.
      sockets[i] = new Socket(((EpollSocketChannel) channels.get(i)).fd().intValue());
    }
    loopThread = loop.submit(() -> Thread.currentThread().getId()).sync().getNow();
  }

  /** Nothing ever comes back. */
  @Sharable
  private static final class Silent extends ChannelInboundHandlerAdapter {}

  int members() {
    return members;
  }

  /** Writes {@code batches} times {@code perFlush} messages to everybody, each time after the last has arrived. */
  Cost measure(Way way, int perFlush, int batches) {
    long cpuBefore = THREADS.getThreadCpuTime(loopThread);
    long allocatedBefore = THREADS.getThreadAllocatedBytes(loopThread);
    for (int i = 0; i < batches; i++) {
      start(way, perFlush);
      expectedBytes += (long) frameBytes * perFlush * members;
      sink.awaitReceived(expectedBytes);
    }
    return new Cost(
        (long) members * perFlush * batches,
        batches,
        THREADS.getThreadCpuTime(loopThread) - cpuBefore,
        THREADS.getThreadAllocatedBytes(loopThread) - allocatedBefore);
  }

  @Override
  public void close() throws IOException {
    loops.close();
    sink.close();
    frames.release();
  }

  private void start(Way way, int perFlush) {
    int bytes = frameBytes * perFlush;
    switch (way) {
      case SWEEP -> fanOut.committed(List.of(batch(perFlush)));
      case FLOOR -> loop.execute(() -> sendAll(bytes));
      case SLICES -> loop.execute(() -> writeSlices(bytes));
      case GROUP -> loop.execute(() -> writeGroup(perFlush));
    }
  }

  private TopicBatch batch(int perFlush) {
    List<LoggedMessage> messages = new ArrayList<>(perFlush);
    for (int i = 0; i < perFlush; i++) {
      messages.add(new LoggedMessage(nextSeq, nextSeq, message));
      nextSeq++;
    }
    return new TopicBatch(topic, StubLog.EPOCH, messages);
  }

  private void sendAll(int bytes) {
    long address = frames.memoryAddress();
    try {
      for (Socket socket : sockets) {
        int sent = socket.sendAddress(address, 0, bytes);
        if (sent != bytes) {
          throw new IllegalStateException("a socket was full: the floor would be measured wrongly");
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("a connection is gone", e);
    }
  }

  private void writeSlices(int bytes) {
    for (Channel channel : channels) {
      Channel.Unsafe unsafe = channel.unsafe();
      unsafe.write(frames.retainedSlice(0, bytes), channel.voidPromise());
      unsafe.flush();
    }
  }

  private void writeGroup(int perFlush) {
    for (int i = 0; i < perFlush; i++) {
      group.writeAndFlush(frames.retainedSlice(0, frameBytes));
    }
  }

  private void connect() throws InterruptedException {
    Bootstrap bootstrap = new Bootstrap()
        .group(loop)
        .channel(EpollSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        // Reset at the end instead of fifteen thousand ports in TIME_WAIT.
        .option(ChannelOption.SO_LINGER, 0)
        .handler(new Silent());
    Queue<ChannelFuture> pending = new ArrayDeque<>();
    for (int i = 0; i < members; i++) {
      pending.add(bootstrap.connect(sink.address(i)));
      if (pending.size() > CONNECTS_AT_ONCE) {
        channels.add(pending.remove().sync().channel());
      }
    }
    for (ChannelFuture connecting : pending) {
      channels.add(connecting.sync().channel());
    }
    loop.submit(this::joinAll).sync();
  }

  private void joinAll() {
    for (int i = 0; i < members; i++) {
      Channel channel = channels.get(i);
      group.add(channel);
      fanOut.open(new BenchConnection(channel, i + 1)).attach(topic, StubLog.EPOCH, 1);
    }
  }

  private static long monotonicMs() {
    return System.nanoTime() / 1_000_000;
  }
}
