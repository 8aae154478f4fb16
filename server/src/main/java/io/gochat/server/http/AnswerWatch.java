package io.gochat.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Since when a peer has taken no byte of the answers that wait for it. Confined to the channel's event loop. */
final class AnswerWatch {
  private long waitingSinceMs;
  private long untakenBytes;
  private long takenAtMs;

  /** For how long nothing was taken of what has waited since {@code sinceMs}, in which time nothing was added. */
  long untakenMs(Channel channel, long sinceMs, long nowMs) {
    ChannelOutboundBuffer queued = channel.unsafe().outboundBuffer();
    long untaken = queued == null ? 0 : queued.totalPendingWriteBytes() - queued.currentProgress();
    if (waitingSinceMs != sinceMs) {
      waitingSinceMs = sinceMs;
      takenAtMs = sinceMs;
    } else if (untaken < untakenBytes) {
      takenAtMs = nowMs;
    }
    untakenBytes = untaken;
    return nowMs - takenAtMs;
  }
}
