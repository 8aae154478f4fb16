package io.gochat.bench.load;

import io.gochat.protocol.Topic;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A topic that the run publishes to: a room, or a user's inbox. Thread-safe: its end, as the publishers learned it, only
 * grows.
 */
final class TopicPlan {
  private final boolean inbox;
  private final long id;
  private final AtomicLong lastSeq = new AtomicLong();

  private TopicPlan(boolean inbox, long id) {
    this.inbox = inbox;
    this.id = id;
  }

  static TopicPlan room(long roomId) {
    return new TopicPlan(false, roomId);
  }

  static TopicPlan inbox(long userId) {
    return new TopicPlan(true, userId);
  }

  /** No topic at all: a connection that only idles. */
  static TopicPlan none() {
    return new TopicPlan(false, 0);
  }

  boolean isInbox() {
    return inbox;
  }

  /** The room's or the user's id; 0: no topic. */
  long id() {
    return id;
  }

  /** The highest sequence that the server has given out to this run. */
  long lastSeq() {
    return lastSeq.get();
  }

  /** A publish was accepted as {@code seq}. */
  void accepted(long seq) {
    if (seq > lastSeq.getPlain()) {
      lastSeq.accumulateAndGet(seq, Math::max);
    }
  }

  /** A publish was accepted whose sequence was not told: the end moves by one. */
  void acceptedOne() {
    lastSeq.incrementAndGet();
  }

  /** The topic in the protocol's words. */
  Topic toWire() {
    return inbox ? ClientFrames.inbox(id) : ClientFrames.room(id);
  }
}
