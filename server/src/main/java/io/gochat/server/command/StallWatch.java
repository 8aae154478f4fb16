package io.gochat.server.command;

import io.netty.channel.ChannelOutboundBuffer;
import java.util.Objects;

/**
 * Since when a peer has taken nothing of what waits for it. Exists only while something waits. Confined to the channel's
 * event loop.
 */
final class StallWatch {
  private int mark;
  private long pendingBytes;
  private int sinceMs;

  StallWatch(int nowMs) {
    sinceMs = nowMs;
  }

  /** How long nothing has left, as of now. */
  int stalledMs(ChannelOutboundBuffer queued, int nowMs) {
    // A counter of sent bytes is not to be had from Netty. What grows is no progress: who takes no
    // delivery, but pings, is given a pong each time.
    int first = Objects.hash(queued.currentProgress(), System.identityHashCode(queued.current()));
    long pending = queued.totalPendingWriteBytes();
    if (first != mark || pending < pendingBytes) {
      mark = first;
      sinceMs = nowMs;
    }
    pendingBytes = pending;
    return nowMs - sinceMs;
  }
}
