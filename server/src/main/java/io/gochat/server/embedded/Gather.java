package io.gochat.server.embedded;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Waits a little for more writes before a commit, so that many small ones share a write and a sync. Confined to the
 * committer thread.
 *
 * <p>Only while several are at work, which shows in the commit before: who waits for each answer before publishing again is
 * alone in it, and never waits. Half of the time in which nothing came is reason enough to go on: then those who are at
 * work wait for us.
 */
final class Gather {
  private final long halfNanos;
  private int before;

  /** Zero: it never waits. */
  Gather(Duration atMost) {
    this.halfNanos = atMost.toNanos() / 2;
  }

  /** So many writes were in one commit. */
  void committed(int writes) {
    before = writes;
  }

  /** What waits, oldest first, with what comes meanwhile behind it. */
  Write more(Write oldest, WriteQueue queue) {
    if (halfNanos == 0 || before < 2) {
      return oldest;
    }
    Write newest = append(oldest, sleptThrough(queue));
    if (newest != null) {
      append(newest, sleptThrough(queue));
    }
    return oldest;
  }

  /** The newest after {@code later} was put behind {@code first}; null: there is nothing later. */
  private static @Nullable Write append(Write first, @Nullable Write later) {
    if (later == null) {
      return null;
    }
    Write newest = first;
    while (newest.next != null) {
      newest = newest.next;
    }
    newest.next = later;
    return newest;
  }

  private @Nullable Write sleptThrough(WriteQueue queue) {
    long startedNanos = System.nanoTime();
    for (long left = halfNanos; left > 0; ) {
      LockSupport.parkNanos(queue, left);
      left = halfNanos - (System.nanoTime() - startedNanos);
    }
    return queue.take(0);
  }
}
