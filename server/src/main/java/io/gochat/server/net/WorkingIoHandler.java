package io.gochat.server.net;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * An {@link IoHandler} that does the loop's {@link LoopWork} after each poll, and polls without blocking while there is
 * any. Everything else is the real handler's. Confined to its event loop, but for {@link #wakeup}.
 *
 * <p>Why here and not as a task that puts itself back into the queue: Netty 4.2 may run tasks for a whole time quantum
 * before it polls again, so a chain of tasks starves I/O; here one bounded run and one poll alternate.
 */
final class WorkingIoHandler implements IoHandler {
  private static final Faults FAULTS = new Faults(LoggerFactory.getLogger(WorkingIoHandler.class));

  private final IoHandler delegate;
  private @Nullable PollContext context;
  private LoopWork work = NoWork.INSTANCE;
  private boolean ranSincePoll;

  WorkingIoHandler(IoHandler delegate) {
    this.delegate = delegate;
  }

  void work(LoopWork newWork) {
    work = newWork;
  }

  @Override
  public int run(IoHandlerContext real) {
    PollContext current = context;
    if (current == null || current.real != real) { // a loop has one context: made once
      current = new PollContext(real);
      context = current;
    }
    int handled = delegate.run(current);
    ranSincePoll = false;
    if (work.pending()) {
      runWork();
    }
    return handled;
  }

  /**
   * Does the work now, at the end of a task that has made some, instead of behind another poll; once between two polls,
   * so that sockets wait no longer than they would.
   */
  void workNow() {
    if (!ranSincePoll && work.pending()) {
      ranSincePoll = true;
      runWork();
    }
  }

  private void runWork() {
    try {
      work.run();
    } catch (Throwable t) {
      // Whatever leaves here would end the event loop and every connection on it.
      FAULTS.survived("the work of an event loop", t);
    }
  }

  @Override
  public void initialize() {
    delegate.initialize();
  }

  @Override
  public void prepareToDestroy() {
    delegate.prepareToDestroy();
  }

  @Override
  public void destroy() {
    delegate.destroy();
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    return delegate.register(handle);
  }

  @Override
  public void wakeup() {
    delegate.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return delegate.isCompatible(handleType);
  }

  /** The loop's own context, except that pending work forbids blocking. One per loop: nothing is allocated per poll. */
  private final class PollContext implements IoHandlerContext {
    private final IoHandlerContext real;

    PollContext(IoHandlerContext real) {
      this.real = real;
    }

    @Override
    public boolean canBlock() {
      return !work.pending() && real.canBlock();
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      return work.pending() ? 0 : real.delayNanos(currentTimeNanos);
    }

    @Override
    public long deadlineNanos() {
      // Zero is the loop's start on its own clock: long ago, whatever the real deadline is.
      return work.pending() ? 0 : real.deadlineNanos();
    }

    @Override
    public void reportActiveIoTime(long activeNanos) {
      real.reportActiveIoTime(activeNanos);
    }

    @Override
    public boolean shouldReportActiveIoTime() {
      return real.shouldReportActiveIoTime();
    }
  }

  private enum NoWork implements LoopWork {
    INSTANCE;

    @Override
    public boolean pending() {
      return false;
    }

    @Override
    public void run() {}
  }
}
