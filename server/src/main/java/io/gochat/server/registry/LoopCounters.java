package io.gochat.server.registry;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one loop's fan-out has done. Counted in plain fields by the loop, many times a millisecond, and published after
 * each sweep, for any thread to read. In place: an object per sweep was half a byte per recipient, all that the write
 * path allocated for them.
 */
final class LoopCounters {
  private static final int DELIVERIES = 0;
  private static final int SENT_BYTES = 1;
  private static final int SENDS = 2;
  private static final int DROP_OUTS = 3;
  private static final int LOG_READS = 4;
  private static final int HELD_BYTES = 5;
  private static final int FAILURES = 6;
  private static final int EVICTIONS = 7;
  private static final int COUNTERS = 8;

  long deliveries;
  long sentBytes;
  long sends;
  long dropOuts;
  long logReads;
  long heldBytes;
  long failures;
  long evictions;

  private final AtomicLongArray published = new AtomicLongArray(COUNTERS);

  /**
   * The figures, each as of a recent sweep.
   *
   * @param deliveries messages and presence changes sent to members
   * @param sentBytes their bytes
   * @param sends system calls, or writes where they go through the pipeline
   * @param dropOuts members that fell out of the stream and had to read the log
   * @param logReads reads of the log
   * @param heldBytes bytes of chunks held now
   * @param failures what was thrown and survived: failed allocations, bugs
   * @param evictions connections that were ended because what they do not read was in the way of others' replays
   */
  record Published(
      long deliveries,
      long sentBytes,
      long sends,
      long dropOuts,
      long logReads,
      long heldBytes,
      long failures,
      long evictions) {}

  /** One call has sent so many frames, of so many bytes together. */
  void sent(int frames, int bytes) {
    deliveries += frames;
    sentBytes += bytes;
    sends++;
  }

  /** On the loop. */
  void publish() {
    published.setRelease(DELIVERIES, deliveries);
    published.setRelease(SENT_BYTES, sentBytes);
    published.setRelease(SENDS, sends);
    published.setRelease(DROP_OUTS, dropOuts);
    published.setRelease(LOG_READS, logReads);
    published.setRelease(HELD_BYTES, heldBytes);
    published.setRelease(FAILURES, failures);
    published.setRelease(EVICTIONS, evictions);
  }

  /** Any thread. */
  Published read() {
    return new Published(
        published.getAcquire(DELIVERIES),
        published.getAcquire(SENT_BYTES),
        published.getAcquire(SENDS),
        published.getAcquire(DROP_OUTS),
        published.getAcquire(LOG_READS),
        published.getAcquire(HELD_BYTES),
        published.getAcquire(FAILURES),
        published.getAcquire(EVICTIONS));
  }
}
