package io.gochat.server.registry;

import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.LoopInbox;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The door from the committer to the fan-out of one loop, bounded in bytes. Thread-safe; everything arrives on the loop
 * as one task, in order.
 *
 * <p>When too much waits, batches are let go, and only how far their topics go is kept: one number per topic, however much
 * was let go. The loop reads them from the log. What is told of a topic's end may overtake its batches, or the other way
 * round: {@link LocalTopic} takes both in any order.
 */
final class HandOver {
  /** Takes what was handed over, on its loop. */
  interface Taker {
    /** A batch of messages. */
    void committed(TopicBatch batch);

    /** The topic ends at {@code lastSeq}, or later. */
    void advanced(Topic topic, long lastSeq);
  }

  private final Taker taker;
  private final long maxBytes;
  private final LoopInbox inbox;
  private final AtomicLong waitingBytes = new AtomicLong();
  private final ConcurrentHashMap<Topic, Long> ends = new ConcurrentHashMap<>();
  private final AtomicBoolean endsHandedOver = new AtomicBoolean();
  private final Runnable takeEnds = this::takeEnds;

  HandOver(Taker taker, EventLoop eventLoop, long maxBytes) {
    this.taker = taker;
    this.maxBytes = maxBytes;
    this.inbox = new LoopInbox(eventLoop, () -> EventLoops.workNow(eventLoop));
  }

  /** Hands committed batches of {@code bytes} over; when too much waits, only how far their topics go. */
  void batches(List<TopicBatch> batches, long bytes) {
    if (waitingBytes.addAndGet(bytes) > maxBytes) {
      waitingBytes.addAndGet(-bytes);
      for (TopicBatch batch : batches) {
        ends.merge(batch.topic(), batch.lastSeq(), Math::max);
      }
      handEndsOver();
      return;
    }
    inbox.execute(() -> take(batches, bytes));
  }

  /** The topic ends at {@code lastSeq}, or later. */
  void advanced(Topic topic, long lastSeq) {
    ends.merge(topic, lastSeq, Math::max);
    handEndsOver();
  }

  /** Anything else that the loop should do, in order with the batches. */
  void task(Runnable task) {
    inbox.execute(task);
  }

  /** For tests: bytes handed over and not yet taken. */
  long waitingBytes() {
    return waitingBytes.get();
  }

  /** For tests: topics of which only the end waits to be taken. */
  int waitingEnds() {
    return ends.size();
  }

  private void handEndsOver() {
    if (endsHandedOver.compareAndSet(false, true)) {
      inbox.execute(takeEnds);
    }
  }

  private void take(List<TopicBatch> batches, long bytes) {
    waitingBytes.addAndGet(-bytes);
    for (TopicBatch batch : batches) {
      taker.committed(batch);
    }
  }

  private void takeEnds() {
    endsHandedOver.set(false); // whoever comes from here on hands over anew
    for (Topic topic : ends.keySet()) {
      Long end = ends.remove(topic);
      if (end != null) {
        taker.advanced(topic, end);
      }
    }
  }
}
