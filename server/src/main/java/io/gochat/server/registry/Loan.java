package io.gochat.server.registry;

import io.gochat.server.bounds.Holder;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What one connection holds of the {@link ReplayBudget}, from when it first holds something until it holds nothing: room
 * for a page, and the rest of a frame or record that its socket did not take. Confined to the connection's event loop,
 * but for what the budget calls: {@link #given} and {@link #evict}.
 */
final class Loan {
  final Holder holder;
  final long userId;

  // The budget's, under its lock: what waits for the
  // socket, and whether the connection was told to end.
  long restBytes;
  boolean isEvicted;

  private final ReplayBudget budget;
  private final Executor loop;
  private final Runnable evict;

  private @Nullable Runnable read;
  private long pageBytes;

  Loan(ReplayBudget budget, Holder holder, long userId, Executor loop, Runnable evict) {
    this.budget = budget;
    this.holder = holder;
    this.userId = userId;
    this.loop = loop;
    this.evict = evict;
  }

  /** Runs {@code read} once there is room for a page: now, or as a task of the loop. */
  void takePage(Runnable whenGiven) {
    read = whenGiven;
    if (budget.takePage(this)) {
      begin();
    }
  }

  /** A page of {@code bytes} may be larger than what was taken for it: one message always fits. */
  void growPage(long bytes) {
    if (bytes > pageBytes) {
      budget.growPage(this, bytes - pageBytes);
      pageBytes = bytes;
    }
  }

  /** The page is gone, or not wanted any more. */
  void returnPage() {
    if (read != null) {
      read = null;
      budget.stopWaiting(this);
    }
    long bytes = pageBytes;
    pageBytes = 0;
    if (bytes > 0) {
      budget.returnPage(this, bytes);
    }
  }

  /** So many bytes are left that the socket did not take; 0: none any more. */
  void rest(long bytes) {
    budget.rest(this, bytes);
  }

  /** Gives everything back; not to be used any more. */
  void close() {
    read = null;
    budget.close(this, pageBytes);
  }

  // ---- called by the budget, on any thread, outside its lock ----

  /** There is room for its page now. */
  void given() {
    loop.execute(this::begin);
  }

  /** Its connection has to make room. */
  void evict() {
    loop.execute(evict);
  }

  private void begin() {
    Runnable next = read;
    if (next == null) {
      budget.returnPage(this, ReplayBudget.PAGE_BYTES); // not wanted any more
      return;
    }
    read = null;
    pageBytes = ReplayBudget.PAGE_BYTES;
    next.run();
  }
}
