package io.gochat.server.net;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The event loops of the server: all connections live on them, and so does the accepting socket. Each has a
 * {@link LoopTimer} that ticks once a second and a place for one {@link LoopWork}. Thread-safe.
 */
public final class EventLoops implements AutoCloseable {
  private static final long STOP_WITHIN_MS = 5_000;

  private final Transport transport;
  private final Group group;
  private final List<EventLoop> all;

  private EventLoops(Transport transport, Group group, List<EventLoop> all) {
    this.transport = transport;
    this.group = group;
    this.all = all;
  }

  /**
   * Starts the loops.
   *
   * @param count how many; 0: one per core
   * @param monotonicMs the clock of the loops' timers
   */
  public static EventLoops start(Transport transport, int count, LongSupplier monotonicMs) {
    int threads = count > 0 ? count : Runtime.getRuntime().availableProcessors();
    Group group = new Group(threads, transport.ioHandlers(), monotonicMs);
    List<EventLoop> all = new ArrayList<>(threads);
    for (EventExecutor executor : group) {
      WorkingEventLoop loop = (WorkingEventLoop) executor;
      loop.startTimer();
      all.add(loop);
    }
    return new EventLoops(transport.resolved(), group, List.copyOf(all));
  }

  /** The loops, always in the same order. */
  public List<EventLoop> all() {
    return all;
  }

  /** The timer of a loop of ours; to be used on that loop only. */
  public LoopTimer timer(EventLoop loop) {
    return ((WorkingEventLoop) loop).timer();
  }

  /** A door to a loop of ours, the same for all who ask. */
  public LoopInbox inbox(EventLoop loop) {
    return ((WorkingEventLoop) loop).inbox();
  }

  /** From now on the loop does this work between its polls, instead of what it did. Any thread. */
  public void work(EventLoop loop, LoopWork work) {
    ((WorkingEventLoop) loop).work(work);
  }

  /** Does a part of the loop's work at the end of a task, without another poll before it. On the loop. */
  public static void workNow(EventLoop loop) {
    if (loop instanceof WorkingEventLoop working) {
      working.workNow();
    }
  }

  /** The transport in use, never {@link Transport#AUTO}. */
  public Transport transport() {
    return transport;
  }

  EventLoopGroup group() {
    return group;
  }

  Class<? extends ServerChannel> serverChannel() {
    return transport.serverChannel();
  }

  /** Closes what is still open on the loops, runs what is queued and ends their threads. Not on a loop. */
  @Override
  public void close() {
    group
        .shutdownGracefully(0, STOP_WITHIN_MS, TimeUnit.MILLISECONDS)
        .awaitUninterruptibly(2 * STOP_WITHIN_MS);
  }

  private static final class Group extends MultiThreadIoEventLoopGroup {
    Group(int threads, IoHandlerFactory ioHandlers, LongSupplier monotonicMs) {
      super(threads, new DefaultThreadFactory("gochat-loop"), ioHandlers, monotonicMs);
    }

    // Called by the super constructor: no field of this class
    // is set yet, so everything comes through the arguments.
    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory ioHandlers, Object... args) {
      return new WorkingEventLoop(this, executor, ioHandlers, (LongSupplier) args[0]);
    }
  }
}
