package io.gochat.server.registry;

import io.netty.channel.AbstractEventLoop;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An event loop whose tasks run when the test says so, on the thread that says it. {@link #execute}: thread-safe. */
final class ManualEventLoop extends AbstractEventLoop {
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /** The most tasks that ever waited at once. */
  final AtomicInteger mostWaiting = new AtomicInteger();

  @Override
  public void execute(Runnable task) {
    mostWaiting.accumulateAndGet(waiting.incrementAndGet(), Math::max);
    tasks.add(task);
  }

  /** Runs what waits until nothing does. */
  void runTasks() {
    Runnable task = tasks.poll();
    while (task != null) {
      waiting.decrementAndGet();
      task.run();
      task = tasks.poll();
    }
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return true;
  }

  @Override
  public boolean isShuttingDown() {
    return false;
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }

  @Override
  public ChannelFuture register(Channel channel) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<?> terminationFuture() {
    throw new UnsupportedOperationException();
  }

  @Override
  @Deprecated
  public void shutdown() {
    throw new UnsupportedOperationException();
  }
}
