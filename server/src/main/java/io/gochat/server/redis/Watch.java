package io.gochat.server.redis;

import java.util.concurrent.CompletableFuture;

/** One topic that somebody on this node wants: what was told of it, and what should have been. Thread-safe. */
final class Watch {
  final CompletableFuture<Void> subscribed = new CompletableFuture<>();
  /** Told to the listener; written by the notifier alone, but for the reset of an epoch. */
  volatile long lastSeq;

  volatile long expectedSeq;
  volatile long expectedAtNanos;
  /** A publish of this node that is timed until its message is told; 0: none. */
  private volatile long timedSeq;

  private long timedSinceNanos; // guarded by this

  synchronized void expect(long seq) {
    if (seq > expectedSeq) {
      expectedSeq = seq;
      expectedAtNanos = System.nanoTime();
    }
  }

  /** One at a time is timed, the others of a busy topic are not. */
  synchronized void published(long seq, long queuedNanos) {
    if (timedSeq == 0) {
      timedSeq = seq;
      timedSinceNanos = queuedNanos;
    }
  }

  /** When the publish that is timed was queued, once, as soon as its message was told; 0: none is, or not yet. */
  long handedOver() {
    if (timedSeq == 0 || timedSeq > lastSeq) {
      return 0;
    }
    synchronized (this) {
      boolean isTold = timedSeq != 0 && timedSeq <= lastSeq;
      timedSeq = isTold ? 0 : timedSeq;
      return isTold ? timedSinceNanos : 0;
    }
  }

  /** Nothing was told yet, nor should have been: a new epoch counts anew. */
  synchronized void startAnew() {
    lastSeq = 0;
    expectedSeq = 0;
  }
}
