package io.gochat.server.simulation;

import io.gochat.server.net.EndlessLoop;
import io.gochat.server.net.LoopTimer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * An event loop whose tasks run one by one, when the schedule says so; its scheduled tasks go by simulated time. Confined
 * to the simulation's thread, which is this loop's only within {@link Stage#run}.
 */
final class SimulatedLoop extends EndlessLoop {
  private final Stage stage;
  private final SimulatedTime time;
  private final LoopTimer timer;
  private final Queue<Runnable> tasks = new ArrayDeque<>();

  SimulatedLoop(Stage stage, SimulatedTime time) {
    this.stage = stage;
    this.time = time;
    this.timer = new LoopTimer(time::ms);
    scheduleAtFixedRate(timer::tick, 1, 1, TimeUnit.SECONDS);
  }

  LoopTimer timer() {
    return timer;
  }

  boolean hasTasks() {
    return !tasks.isEmpty();
  }

  /** What is due by now comes behind the tasks that wait. */
  void fetchDue() {
    stage.run(this, () -> fetchFromScheduledTaskQueue(tasks));
  }

  /** Runs the task that has waited for longest; false: none does. */
  boolean runTask() {
    Runnable task = tasks.poll();
    if (task == null) {
      return false;
    }
    work(task);
    return true;
  }

  /** Does something on this loop. */
  void work(Runnable work) {
    try {
      stage.run(this, work);
    } catch (OutOfMemoryError e) {
      // As a real loop does: whatever a task throws is told, and the next one runs. Anything else
      // is a bug.
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public boolean inEventLoop(Thread thread) {
    return stage.isRunning(this);
  }

  @Override
  public boolean inEventLoop() {
    return stage.isRunning(this);
  }

  @Override
  @SuppressWarnings("deprecation") // the ticker, which replaces it, must also be able to sleep
  protected long getCurrentTimeNanos() {
    return time.nanos();
  }

  @Override
  public ChannelFuture register(Channel channel) {
    return register(new DefaultChannelPromise(channel, this));
  }

  @Override
  public ChannelFuture register(ChannelPromise promise) {
    promise.channel().unsafe().register(this, promise);
    return promise;
  }

  @Override
  @Deprecated
  public ChannelFuture register(Channel channel, ChannelPromise promise) {
    channel.unsafe().register(this, promise);
    return promise;
  }
}
