package io.gochat.client;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The queue between the socket and the listeners. Thread-safe: filled by the event loop, drained on the listener
 * executor by at most one thread at a time, in order. When it is full the loop stops reading from the socket, so that
 * a slow listener costs the server a cursor and us no memory.
 *
 * <p>After each batch the positions are saved and then acknowledged, in this order.
 */
final class Deliveries implements Runnable {
  /** After so many the thread is given to another client that shares the executor. */
  private static final int BATCH = 128;

  /** A listener that is further behind than these state changes is told the last one only. */
  private static final int MAX_STATES = 64;

  /** What the event loop wants to know. Both are called on a listener thread. */
  interface Progress {
    /** There is room again after {@link Deliveries#isFull}. */
    void roomAgain();

    /** Positions moved, and are saved. */
    void positionsMoved();
  }

  private final Queue<Delivery> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger waitingStates = new AtomicInteger();
  private final AtomicReference<@Nullable ConnectionState> overflowedState =
      new AtomicReference<>();
  private final AtomicInteger wakeUps = new AtomicInteger();
  private final Listeners listeners;
  private final Positions positions;
  private final Executor executor;
  private final Progress progress;
  private final int bound;
  private volatile boolean full;
  private volatile @Nullable Runnable whenStopped;
  private volatile boolean discarding;
  private volatile @Nullable Thread drainer;

  Deliveries(
      Listeners listeners, Positions positions, Executor executor, int bound, Progress progress) {
    this.listeners = listeners;
    this.positions = positions;
    this.executor = executor;
    this.bound = bound;
    this.progress = progress;
  }

  /** Adds at the end. On the loop. */
  void offer(Delivery delivery) {
    if (delivery instanceof Delivery.OfState of) {
      offerState(of);
    } else {
      waiting.incrementAndGet();
      queue.add(delivery);
    }
    wake();
  }

  private void offerState(Delivery.OfState delivery) {
    // Once one overflowed all follow it, so that the last one told is the last one that happened.
    if (overflowedState.get() != null || waitingStates.get() >= MAX_STATES) {
      overflowedState.set(delivery.state());
    } else {
      waitingStates.incrementAndGet();
      queue.add(delivery);
    }
  }

  /** Whether reading must stop; {@link Progress#roomAgain} then says when to go on. On the loop. */
  boolean isFull() {
    if (waiting.get() < bound) {
      return false;
    }
    full = true;
    // The drain may have emptied the queue between the look and the flag, and would then never
    // call.
    if (waiting.get() <= bound / 2) {
      full = false;
      return false;
    }
    return true;
  }

  /** How many wait for the listeners, states excepted. Thread-safe. */
  int waiting() {
    return waiting.get();
  }

  /** Lets the drain look at the positions, and at the queue. */
  void wake() {
    if (wakeUps.getAndIncrement() == 0) {
      dispatch();
    }
  }

  /**
   * {@code whenStopped} runs once, on a listener thread, when the queue is empty, the listener that is running now has
   * returned and its position is saved. With {@code discard} nothing but states is handed over until then.
   */
  void stop(boolean discard, Runnable whenStopped) {
    discarding |= discard;
    this.whenStopped = whenStopped;
    wake();
  }

  /** Whether the calling thread is inside a listener of this client. */
  boolean isCalledByListener() {
    return Thread.currentThread() == drainer;
  }

  @Override
  public void run() {
    drainer = Thread.currentThread();
    try {
      int seen = wakeUps.get();
      while (seen != 0) {
        boolean more = drainBatch();
        finishBatch();
        if (more) {
          drainer = null;
          dispatch();
          return;
        }
        seen = wakeUps.addAndGet(-seen);
      }
    } finally {
      if (Thread.currentThread() == drainer) {
        drainer = null;
      }
    }
  }

  private void dispatch() {
    try {
      executor.execute(this);
    } catch (RejectedExecutionException e) {
      // The application shut its executor down before the client. Nothing can be handed over any
      // more, but answers
      // must still be read.
      queue.clear();
      waiting.set(0);
      wakeUps.set(0);
      if (full) {
        full = false;
        progress.roomAgain();
      }
      Runnable stopped = whenStopped;
      if (stopped != null) {
        whenStopped = null;
        stopped.run();
      }
    }
  }

  private boolean drainBatch() {
    for (int i = 0; i < BATCH; i++) {
      Delivery next = queue.poll();
      if (next == null) {
        tellOverflowedState();
        return false;
      }
      handOver(next);
    }
    return true;
  }

  private void handOver(Delivery next) {
    if (next instanceof Delivery.OfState of) {
      waitingStates.decrementAndGet();
      listeners.tell(of.state());
      return;
    }
    if (!discarding) {
      tell(next);
    }
    if (waiting.decrementAndGet() <= bound / 2 && full) {
      full = false;
      progress.roomAgain();
    }
  }

  private void tell(Delivery next) {
    if (next instanceof Delivery.OfMessage of && !of.subscription().isLeft()) {
      listeners.tell(of.message());
      handedOver(of.subscription(), of.message().position());
    } else if (next instanceof Delivery.OfGap of && !of.subscription().isLeft()) {
      listeners.tell(of.gap());
      handedOver(of.subscription(), of.gap().position());
    } else if (next instanceof Delivery.OfPresence of && !of.subscription().isLeft()) {
      listeners.tell(of.presence());
    }
  }

  private void handedOver(Subscription subscription, Position position) {
    // The listener itself may have left the room: then there is no position to keep.
    if (!subscription.isLeft()) {
      positions.handedOver(subscription.topic(), position);
    }
  }

  private void tellOverflowedState() {
    ConnectionState last = overflowedState.getAndSet(null);
    if (last != null) {
      listeners.tell(last);
    }
  }

  private void finishBatch() {
    if (positions.save()) {
      progress.positionsMoved();
    }
    Runnable stopped = whenStopped;
    if (stopped != null && queue.isEmpty()) {
      whenStopped = null;
      stopped.run();
    }
  }
}
