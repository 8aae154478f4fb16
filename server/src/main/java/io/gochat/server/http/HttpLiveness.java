package io.gochat.server.http;

import io.gochat.server.net.LoopTimer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Where one connection stands, and for how long it may stay there. Confined to the connection's event loop. */
final class HttpLiveness {
  private static final long LINGER_MS = 2_000;

  /** While room is scarce, who takes no byte of an answer for so long loses it. */
  private static final long SCARCE_MS = 5_000;

  /** A peer may take an answer slowly, but not for ever: so many times as long as it may pause. */
  private static final int WHOLE_ANSWERS = 10;

  private static final long NOT_LOOKED_AT = -1;

  private final HttpOptions.Times times;
  private final LoopTimer timer;
  private HttpPhase phase = HttpPhase.IDLE;
  private long sinceMs;
  private long untakenBytes = NOT_LOOKED_AT;
  private long takenAtMs;

  HttpLiveness(HttpOptions.Times times, LoopTimer timer) {
    this.times = times;
    this.timer = timer;
    this.sinceMs = timer.nowMs();
  }

  HttpPhase phase() {
    return phase;
  }

  void enter(HttpPhase next) {
    phase = next;
    sinceMs = timer.nowMs();
    untakenBytes = NOT_LOOKED_AT;
    takenAtMs = sinceMs;
  }

  /** Whether the phase has lasted too long; to be asked about once a second. */
  boolean isLate(Channel channel, boolean isRoomScarce, long nowMs) {
    long inPhaseMs = nowMs - sinceMs;
    return switch (phase) {
      case IDLE -> inPhaseMs >= times.idleFor().toMillis();
      case READING -> inPhaseMs >= times.requestWithin().toMillis();
      case ANSWERING -> inPhaseMs >= times.answeredWithin().toMillis();
      case BLOCKED, CLOSING -> isStalled(channel, isRoomScarce, nowMs);
      case LINGERING -> inPhaseMs >= LINGER_MS;
      case CLOSED -> false;
    };
  }

  /**
   * Whether the peer has had enough time for the answer that waits: it took no byte for as long as it may pause, which is
   * less while room is scarce, or is not done after several times as long.
   */
  private boolean isStalled(Channel channel, boolean isRoomScarce, long nowMs) {
    long pauseMs = times.writtenWithin().toMillis();
    long mostMs = isRoomScarce ? Math.min(SCARCE_MS, pauseMs) : pauseMs;
    return untakenMs(channel, nowMs) >= mostMs || nowMs - sinceMs >= WHOLE_ANSWERS * pauseMs;
  }

  private long untakenMs(Channel channel, long nowMs) {
    ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
    long untaken = queued == null ? 0 : queued.totalPendingWriteBytes() - queued.currentProgress();
    if (untaken < untakenBytes) {
      takenAtMs = nowMs;
    }
    untakenBytes = untaken;
    return nowMs - takenAtMs;
  }
}
