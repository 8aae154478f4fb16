package io.gochat.server.net;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.netty.util.concurrent.ThreadAwareExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * An event loop with a {@link LoopTimer} and a place for {@link LoopWork}. Thread-safe as every event loop is; the timer
 * and the work are confined to its thread.
 */
final class WorkingEventLoop extends SingleThreadIoEventLoop {
  /** Netty's default is a second; queued tasks must not keep sockets waiting for that long. */
  private static final long TASK_QUANTUM_MS = 10;

  private final LoopTimer timer;
  private final LoopInbox inbox = new LoopInbox(this);

  WorkingEventLoop(
      IoEventLoopGroup parent,
      Executor executor,
      IoHandlerFactory ioHandlers,
      LongSupplier monotonicMs) {
    super(
        parent,
        executor,
        new WorkingIoHandlers(ioHandlers),
        DEFAULT_MAX_PENDING_TASKS,
        RejectedExecutionHandlers.reject(),
        TASK_QUANTUM_MS);
    this.timer = new LoopTimer(monotonicMs);
  }

  void startTimer() {
    scheduleAtFixedRate(timer::tick, 1, 1, TimeUnit.SECONDS);
  }

  LoopTimer timer() {
    return timer;
  }

  LoopInbox inbox() {
    return inbox;
  }

  void work(LoopWork work) {
    WorkingIoHandler handler = (WorkingIoHandler) ioHandler();
    if (inEventLoop()) {
      handler.work(work);
    } else {
      execute(() -> handler.work(work));
    }
  }

  void workNow() {
    assert inEventLoop();
    ((WorkingIoHandler) ioHandler()).workNow();
  }

  /**
   * Closes what is open. Netty does so between a poll and the tasks behind it; told to stop in the middle of those, and
   * without a quiet period, it would end with this turn, and what is open would stay so without an owner.
   */
  @Override
  protected boolean confirmShutdown() {
    if (isShuttingDown() && !isShutdown()) {
      ioHandler().prepareToDestroy();
    }
    return super.confirmShutdown();
  }

  private record WorkingIoHandlers(IoHandlerFactory real) implements IoHandlerFactory {
    @Override
    public IoHandler newHandler(ThreadAwareExecutor ioExecutor) {
      return new WorkingIoHandler(real.newHandler(ioExecutor));
    }

    @Override
    public boolean isChangingThreadSupported() {
      return real.isChangingThreadSupported();
    }
  }
}
