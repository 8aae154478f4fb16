package io.gochat.server.frame;

import io.netty.channel.ChannelOutboundBuffer;
import java.util.Objects;

/**
 * Since when a peer has taken nothing of what waits for it. Exists only while something waits. Confined to the channel's
 * event loop.
 */
final class StallWatch {
  private int mark;
  private int sinceMs;

  StallWatch(int nowMs) {
    sinceMs = nowMs;
  }

  /** How long nothing has left, as of now. */
  int stalledMs(ChannelOutboundBuffer queued, int nowMs) {
    // Any progress changes one of the three; a counter of sent bytes is not to be had from Netty.
    int now = Objects.hash(
        queued.totalPendingWriteBytes(),
        queued.currentProgress(),
        System.identityHashCode(queued.current()));
    if (now != mark) {
      mark = now;
      sinceMs = nowMs;
    }
    return nowMs - sinceMs;
  }
}
