package io.gochat.client;

import io.netty.channel.EventLoop;
import java.util.function.Consumer;

/**
 * How a client goes on: step by step on its event loop. Whatever a step throws ends the client, with a word. Immutable;
 * thread-safe where a method does not say that it belongs to the loop.
 *
 * @param loop the client's
 * @param timers what runs a step later
 * @param failed what is told of a step that threw, on the loop
 */
record Steps(EventLoop loop, Environment.Timers timers, Consumer<Throwable> failed) {
  /** Now. On the loop. */
  void run(Runnable step) {
    assert loop.inEventLoop();
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      failed.accept(e);
    }
  }

  /** From any thread. */
  void onLoop(Runnable step) {
    loop.execute(() -> run(step));
  }

  /** Later, and not at all when what is returned is run before. */
  Runnable after(long delayMs, Runnable step) {
    return timers.after(loop, delayMs, () -> run(step));
  }
}
