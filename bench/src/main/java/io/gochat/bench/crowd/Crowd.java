package io.gochat.bench.crowd;

import io.gochat.bench.common.LoopGroups;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Many connections from one address, on one event loop. Confined to the calling thread; the connections live on the
 * loop.
 */
final class Crowd implements AutoCloseable {
  private static final int CONNECTS_AT_ONCE = 256;
  private static final int NEXT_TO_NO_ROOM = 4_096;
  private static final long CONNECT_DEADLINE_S = 60;
  private static final long POLL_MS = 20;

  private final boolean epoll = Epoll.isAvailable();
  private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
      1,
      new DefaultThreadFactory("crowd", true),
      epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final Approach approach;
  private volatile boolean reads;
  private final AnswerCounts answers;
  private final List<CrowdConnection> members = new ArrayList<>();

  /**
   * Comes this way.
   *
   * @param reads whether they read from the beginning; otherwise they have next to no room in their kernel either
   */
  Crowd(Approach approach, boolean reads, AnswerCounts answers) {
    this.approach = approach;
    this.reads = reads;
    this.answers = answers;
  }

  /** Connects them, as fast as it goes; returns when the handshakes of all are over, or they were refused. */
  void open(int count, Function<Integer, CrowdConnection> member) throws InterruptedException {
    Semaphore turns = new Semaphore(CONNECTS_AT_ONCE);
    for (int i = 0; i < count; i++) {
      CrowdConnection connection = member.apply(i);
      members.add(connection);
      if (!turns.tryAcquire(CONNECT_DEADLINE_S, TimeUnit.SECONDS)) {
        answers.add("not connected in time");
        continue;
      }
      connect(connection, turns::release);
    }
    if (!turns.tryAcquire(CONNECTS_AT_ONCE, CONNECT_DEADLINE_S, TimeUnit.SECONDS)) {
      answers.add("not connected in time");
    }
  }

  /** Connects one, for the first time or again; {@code done} once its handshakes are over, or have failed. Any thread. */
  void connect(CrowdConnection connection, Runnable done) {
    Bootstrap bootstrap = new Bootstrap()
        .group(loop)
        .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 30_000)
        .handler(approach.leadingTo(connection, reads));
    if (!reads) {
      bootstrap.option(ChannelOption.SO_RCVBUF, NEXT_TO_NO_ROOM);
    }
    loop.execute(() -> {
      connection.whenBegun(done);
      bootstrap.connect(approach.server()).addListener(connecting -> {
        if (!connecting.isSuccess()) {
          answers.add("not connected");
          connection.begun();
        }
      });
    });
  }

  /** Runs a task on the loop after a while. */
  void later(Duration delay, Runnable task) {
    loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** All read on. */
  void read() throws InterruptedException {
    reads = true;
    loop.submit(() -> members.forEach(CrowdConnection::read)).sync();
  }

  /** Waits until everybody has what it wanted or was refused. Returns how many have not. */
  long awaitSettled(Duration deadline) throws InterruptedException {
    long endNs = System.nanoTime() + deadline.toNanos();
    long open = unsettled();
    while (open > 0 && System.nanoTime() < endNs) {
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
      open = unsettled();
    }
    return open;
  }

  private long unsettled() {
    return members.stream().filter(member -> !member.isSettled()).count();
  }

  /** Closes all connections. */
  @Override
  public void close() {
    loop.submit(() -> members.forEach(CrowdConnection::leave)).awaitUninterruptibly(10_000);
    LoopGroups.close(group);
  }
}
