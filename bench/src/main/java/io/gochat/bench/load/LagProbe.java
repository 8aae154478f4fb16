package io.gochat.bench.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * How late this machine wakes a thread that asked for two milliseconds: when that is long, latencies say more about the
 * machine than about the server. Thread-safe.
 */
final class LagProbe implements AutoCloseable {
  private static final long NAP_NS = TimeUnit.MILLISECONDS.toNanos(2);

  private final SingleWriterRecorder lagNs = new SingleWriterRecorder(ReceiverLoop.MAX_NS, 3);
  private final Thread thread = new Thread(this::probe, "load-lag-probe");
  private volatile boolean closed;

  LagProbe() {
    thread.setDaemon(true);
    thread.start();
  }

  /** Lag in ns since the last call. One thread. */
  Histogram take() {
    return lagNs.getIntervalHistogram();
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void probe() {
    while (!closed) {
      long before = System.nanoTime();
      LockSupport.parkNanos(NAP_NS);
      lagNs.recordValue(
          Math.min(ReceiverLoop.MAX_NS, Math.max(0, System.nanoTime() - before - NAP_NS)));
    }
  }
}
