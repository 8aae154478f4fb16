package io.gochat.bench.load;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * What the receiving connections of one event loop share. Confined to that loop, except for {@link #deliveries()} and
 * {@link #takeLatencies}, which any thread may call.
 */
final class ReceiverLoop {
  /** Longest latency that is told apart; what takes longer counts as this. */
  static final long MAX_NS = TimeUnit.SECONDS.toNanos(120);

  final EventLoop eventLoop;
  final FrameReader.Scratch scratch = new FrameReader.Scratch();
  final DeliveryCursor cursor = new DeliveryCursor();
  final Violations violations = new Violations();
  final List<ReceiverConnection> receivers = new ArrayList<>();

  private final SingleWriterRecorder latencies = new SingleWriterRecorder(MAX_NS, 3);
  // Written by the loop once per read, not once per delivery: a volatile write costs as much as
  // parsing.
  private final AtomicLong delivered = new AtomicLong();
  private long counted;
  private int pingTurn;

  ReceiverLoop(EventLoop eventLoop) {
    this.eventLoop = eventLoop;
  }

  /** Deliveries of this run so far. Any thread. */
  long deliveries() {
    return delivered.get();
  }

  /** Latencies in ns since the last call. One other thread. */
  Histogram takeLatencies(@Nullable Histogram recycled) {
    return latencies.getIntervalHistogram(recycled);
  }

  /** A delivery of this run came; {@code latencyNs} below 0: not to be recorded. */
  void delivered(long latencyNs) {
    counted++;
    if (latencyNs >= 0) {
      latencies.recordValue(Math.min(latencyNs, MAX_NS));
    }
  }

  /** Makes the count visible; at the end of each read. Returns whether it has grown. */
  boolean publishCount() {
    if (delivered.getPlain() == counted) {
      return false;
    }
    delivered.set(counted);
    return true;
  }

  /** Keeps every connection alive with one ping per {@code heartbeatMs}, spread evenly. */
  void startPings(long heartbeatMs) {
    int turns = (int) Math.max(1, heartbeatMs / 1000);
    eventLoop.scheduleAtFixedRate(() -> pingSome(turns), 1, 1, TimeUnit.SECONDS);
  }

  private void pingSome(int turns) {
    pingTurn = (pingTurn + 1) % turns;
    for (int i = pingTurn; i < receivers.size(); i += turns) {
      receivers.get(i).ping();
    }
  }
}
