package io.gochat.server.command;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import org.jspecify.annotations.Nullable;

/**
 * How long one connection may stay as it is: in its state, silent, or without taking what waits for it. Times are the
 * loop's, in milliseconds. Confined to the connection's event loop.
 */
final class Liveness {
  /** The timer looks once a second, so the end comes within five seconds. */
  private static final int LINGER_MS = 4_000;

  /** While room is scarce, who takes no byte of an answer for so long loses it. */
  private static final int SCARCE_MS = 5_000;

  private final CommandLoop loop;
  private final int helloDeadlineMs;
  private @Nullable StallWatch stall;
  private boolean probed;

  /** When the state has lasted too long; when open: when the peer has been silent for too long. */
  private int deadlineMs;

  /** Once open: when the session is kept alive next. */
  private int keepAliveMs;

  Liveness(CommandLoop loop) {
    this.loop = loop;
    this.helloDeadlineMs = loop.nowMs() + helloMs();
    this.deadlineMs = helloDeadlineMs;
  }

  /** The answer to {@code Hello} has the time that {@code Hello} had. */
  void signingIn() {
    deadlineMs = loop.nowMs() + helloMs();
  }

  /** The deadline for {@code Hello} goes on. */
  void signInFailed() {
    deadlineMs = helloDeadlineMs;
  }

  void opened() {
    heard();
    keepAliveMs = loop.nowMs() + keepAliveIntervalMs();
  }

  void draining() {
    deadlineMs = loop.nowMs() + LINGER_MS;
  }

  /** The time of silence begins anew. */
  void heard() {
    deadlineMs = loop.nowMs() + loop.idleMs;
    probed = false;
  }

  /** Whether the state has lasted too long. */
  boolean isLate(int nowMs) {
    return nowMs - deadlineMs >= 0;
  }

  /** Whether the peer has been silent for too long; who is owed something cannot be blamed for it. */
  boolean isSilent(int nowMs) {
    if (stall != null) {
      heard();
    }
    return nowMs - deadlineMs > 0;
  }

  /** Whether it is time to ask for a sign of life; true once per silence. */
  boolean isProbeDue(int nowMs) {
    boolean due = !probed && deadlineMs - nowMs <= loop.idleMs - loop.heartbeatMs;
    probed |= due;
    return due;
  }

  /** Whether it is time to keep the session alive; true once per interval. */
  boolean isKeepAliveDue(int nowMs) {
    boolean due = nowMs - keepAliveMs >= 0;
    if (due) {
      keepAliveMs = nowMs + keepAliveIntervalMs();
    }
    return due;
  }

  /** Whether the peer has taken nothing of what waits for it, until the deadline, which is near where room is scarce. */
  boolean isStalled(Channel channel, boolean scarce, int nowMs) {
    ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
    long slowMs = loop.options.times().slowConsumer().toMillis();
    if (scarce) {
      slowMs = slowMs == 0 ? SCARCE_MS : Math.min(slowMs, SCARCE_MS);
    }
    if (slowMs == 0 || queued == null || queued.totalPendingWriteBytes() == 0) {
      stall = null;
      return false;
    }
    if (stall == null) {
      stall = new StallWatch(nowMs);
    }
    return stall.stalledMs(queued, nowMs) >= slowMs;
  }

  private int helloMs() {
    return (int) loop.options.times().hello().toMillis();
  }

  private int keepAliveIntervalMs() {
    return (int) loop.options.times().keepAlive().toMillis();
  }
}
