package io.gochat.server.net;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A door from any thread to one event loop: tasks run on the loop in the order in which they came, all that wait as one
 * task of the loop. Whoever hands over a thousand answers wakes the loop once. Thread-safe.
 *
 * <p>A task that throws is told of ({@link Faults}) and costs those behind it nothing.
 */
public final class LoopInbox {
  /** Tasks in a row before the loop looks at its sockets again. */
  private static final int MAX_TASKS = 1_024;

  private static final Faults FAULTS = new Faults(LoggerFactory.getLogger(LoopInbox.class));

  /** The doors at which somebody waits for the end of {@link #together}, on the thread that is in it. */
  private static final ThreadLocal<@Nullable List<LoopInbox>> TOGETHER = new ThreadLocal<>();

  private final EventLoop loop;
  private final Runnable afterwards;
  private final Queue<Runnable> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Runnable run = this::run;
  private boolean running;

  /** A door to {@code loop}; several to one loop keep their orders each. */
  public LoopInbox(EventLoop loop) {
    this(loop, () -> {});
  }

  /** The same; {@code afterwards} runs on the loop behind the tasks that waited, once for all of them. */
  public LoopInbox(EventLoop loop, Runnable afterwards) {
    this.loop = loop;
    this.afterwards = afterwards;
  }

  /** Runs the task on the loop, after those that were handed over before. Any thread, the loop's own included. */
  public void execute(Runnable task) {
    arrived.add(task);
    schedule();
  }

  /**
   * Runs {@code handingOver} on this thread; the loops are woken when it is over, so that whatever it hands over to one
   * loop, by whichever door, costs that one wake-up. For short work: others who come to these doors wait for it as well.
   */
  public static void together(Runnable handingOver) {
    List<LoopInbox> doors = new ArrayList<>();
    TOGETHER.set(doors);
    try {
      handingOver.run();
    } finally {
      TOGETHER.set(null); // to remove it, here many thousand times a second, is a native call
      wakeAll(doors, 0);
    }
  }

  private static void wakeAll(List<LoopInbox> doors, int from) {
    int next = from;
    try {
      while (next < doors.size()) {
        doors.get(next++).wakeLoop();
      }
    } finally {
      if (next < doors.size()) {
        wakeAll(doors, next); // one loop that takes nothing keeps no other asleep
      }
    }
  }

  /** Runs what comes afterwards soon, also if no task does. On the loop. */
  public void wake() {
    if (!running) {
      schedule();
    }
  }

  private void schedule() {
    if (scheduled.get() || !scheduled.compareAndSet(false, true)) {
      return;
    }
    try {
      List<LoopInbox> doors = TOGETHER.get();
      if (doors == null) {
        loop.execute(run);
      } else {
        doors.add(this);
      }
    } catch (RuntimeException | Error e) {
      scheduled.set(false); // the next one tries again
      throw e;
    }
  }

  private void wakeLoop() {
    try {
      loop.execute(run);
    } catch (RuntimeException | Error e) {
      scheduled.set(false); // the next one tries again
      throw e;
    }
  }

  private void run() {
    // Before the queue is read: whatever comes after this line schedules anew.
    scheduled.set(false);
    running = true;
    try {
      Runnable task = arrived.poll();
      for (int i = 1; task != null; i++) {
        runSafely(task);
        task = i < MAX_TASKS ? arrived.poll() : null;
      }
      runSafely(afterwards);
    } finally {
      running = false;
      if (!arrived.isEmpty()) {
        schedule();
      }
    }
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      FAULTS.survived("a task of an event loop", e);
    }
  }
}
