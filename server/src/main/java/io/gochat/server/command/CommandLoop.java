package io.gochat.server.command;

import io.gochat.server.net.LoopTimer;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the connections of one event loop share: the services, the timer, and the way back onto the loop. Confined
 * to that loop, but for {@link #execute}.
 *
 * <p>The committer completes a whole batch of publishes at once. Their answers come back here as one task of the loop, not
 * one each, and every connection that was answered is flushed once.
 */
final class CommandLoop {
  /** Answers in a row before the loop looks at its sockets again. */
  private static final int MAX_TASKS = 1_024;

  final CommandServices services;
  final CommandOptions options;
  final Commands commands;
  final Draining draining;
  final LoopTimer timer;

  /** So much silence ends a connection: 2.5 times the heartbeat. */
  final int idleMs;

  /** After so much silence a peer is asked for a sign of life, where its protocol can. */
  final int heartbeatMs;

  private final EventLoop eventLoop;
  private final Queue<Runnable> arrived = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final ArrayDeque<CommandConnection> toFlush = new ArrayDeque<>();
  private boolean running;

  CommandLoop(
      EventLoop eventLoop,
      LoopTimer timer,
      CommandServices services,
      CommandOptions options,
      Commands commands,
      Draining draining) {
    this.eventLoop = eventLoop;
    this.timer = timer;
    this.services = services;
    this.options = options;
    this.commands = commands;
    this.draining = draining;
    this.heartbeatMs = Math.toIntExact(options.times().heartbeat().toMillis());
    this.idleMs = Math.toIntExact(options.times().heartbeat().toMillis() * 5 / 2);
  }

  boolean inLoop() {
    return eventLoop.inEventLoop();
  }

  /** The timer's time, wrapping around after 49 days: only differences mean something. */
  int nowMs() {
    return (int) timer.nowMs();
  }

  /** Runs the task on the loop. Any thread. */
  void execute(Runnable task) {
    arrived.add(task);
    schedule();
  }

  /** Flushes the connection once, after what runs now. */
  void flushLater(CommandConnection connection) {
    assert inLoop();
    toFlush.add(connection);
    if (!running) {
      schedule();
    }
  }

  private void schedule() {
    if (scheduled.compareAndSet(false, true)) {
      eventLoop.execute(this::run);
    }
  }

  private void run() {
    // Before the queue is read: whatever comes after this line schedules anew.
    scheduled.set(false);
    running = true;
    try {
      for (int i = 0; i < MAX_TASKS; i++) {
        Runnable task = arrived.poll();
        if (task == null) {
          break;
        }
        task.run();
      }
      for (CommandConnection next = toFlush.poll(); next != null; next = toFlush.poll()) {
        next.flush();
      }
    } finally {
      running = false;
      if (!arrived.isEmpty() || !toFlush.isEmpty()) {
        schedule();
      }
    }
  }
}
