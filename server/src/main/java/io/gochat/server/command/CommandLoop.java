package io.gochat.server.command;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.net.LoopInbox;
import io.gochat.server.net.LoopTimer;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;

/**
 * What the connections of one event loop share: the services, the timer, and the way back onto the loop. Confined
 * to that loop, but for {@link #execute}.
 *
 * <p>The committer completes a whole batch of publishes at once. Their answers come back here as one task of the loop, not
 * one each, and every connection that was answered is flushed once.
 */
final class CommandLoop {
  final CommandServices services;
  final CommandOptions options;
  final Budgets budgets;
  final Draining draining;
  final LoopTimer timer;

  /** So much silence ends a connection: 2.5 times the heartbeat. */
  final int idleMs;

  /** After so much silence a peer is asked for a sign of life, where its protocol can. */
  final int heartbeatMs;

  private final EventLoop eventLoop;
  private final LoopInbox inbox;
  private final ArrayDeque<Runnable> afterwards = new ArrayDeque<>();

  CommandLoop(
      EventLoop eventLoop,
      LoopTimer timer,
      CommandServices services,
      CommandOptions options,
      Budgets budgets,
      Draining draining) {
    this.eventLoop = eventLoop;
    this.inbox = new LoopInbox(eventLoop, this::runAfterwards);
    this.timer = timer;
    this.services = services;
    this.options = options;
    this.budgets = budgets;
    this.draining = draining;
    this.heartbeatMs = Math.toIntExact(options.times().heartbeat().toMillis());
    this.idleMs = Math.toIntExact(options.times().heartbeat().toMillis() * 5 / 2);
  }

  /** The timer's time, wrapping around after 49 days: only differences mean something. */
  int nowMs() {
    return (int) timer.nowMs();
  }

  /** Runs the work of a connection, which survives what it throws, on the loop. Any thread. */
  void execute(Runnable work) {
    inbox.execute(work);
  }

  /** Runs the task, which survives what it throws, after what runs now. */
  void executeAfterwards(Runnable task) {
    assert eventLoop.inEventLoop();
    afterwards.add(task);
    inbox.wake();
  }

  private void runAfterwards() {
    for (Runnable next = afterwards.poll(); next != null; next = afterwards.poll()) {
      next.run();
    }
  }
}
