package io.gochat.server.embedded;

import io.gochat.server.bounds.QueueRoom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes on their way to the committer: any thread offers, one takes. Thread-safe, lock-free, bounded by count and
 * bytes; what was taken counts until {@link #release}, so that a slow disk cannot hide a growing backlog.
 *
 * <p>Offering pushes onto a stack; taking takes the whole stack and turns it over. That is one compare-and-set for each
 * write and one exchange for each batch, and keeps each caller's order.
 */
final class WriteQueue {
  private final AtomicReference<@Nullable Write> newest = new AtomicReference<>();
  private final QueueRoom room;
  private volatile @Nullable Thread parked;

  WriteQueue(int maxWrites, long maxBytes) {
    this.room = new QueueRoom(maxWrites, maxBytes);
  }

  /** Queues, or answers false when a bound is reached. */
  boolean offer(Write write) {
    if (!room.enter(write.queuedBytes())) {
      return false;
    }
    Write head;
    do {
      head = newest.get();
      write.next = head;
    } while (!newest.compareAndSet(head, write));
    if (head == null) {
      // Only the first of a batch can meet a sleeping taker.
      LockSupport.unpark(parked);
    }
    return true;
  }

  /** Everything that waits, oldest first, linked by {@code next}; null when nothing came within {@code maxWaitNanos}. */
  @Nullable
  Write take(long maxWaitNanos) {
    Write all = newest.getAndSet(null);
    if (all == null && maxWaitNanos > 0) {
      parked = Thread.currentThread();
      if (newest.get() == null) {
        LockSupport.parkNanos(this, maxWaitNanos);
      }
      parked = null;
      all = newest.getAndSet(null);
    }
    return reverse(all);
  }

  private static @Nullable Write reverse(@Nullable Write newestFirst) {
    Write oldestFirst = null;
    Write write = newestFirst;
    while (write != null) {
      Write older = write.next;
      write.next = oldestFirst;
      oldestFirst = write;
      write = older;
    }
    return oldestFirst;
  }

  /** This write no longer waits: it was answered. */
  void release(Write write) {
    room.leave(write.queuedBytes());
  }

  /** How many writes wait, those of the commit under way included. */
  int size() {
    return room.writes();
  }
}
