package io.gochat.server.webhook;

import io.gochat.server.messaging.OutboxRecord;
import io.gochat.server.messaging.Topic;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The events of one type and one topic on their way to one endpoint: in order, one at a time. Confined to the webhooks'
 * loop.
 */
final class Lane {
  final Courier courier;
  final EventType type;
  final Topic topic;
  final TopicLanes beside;

  /** Records behind {@link #settled}, consecutive; what is behind them is in the store. */
  final ArrayDeque<OutboxRecord> queue = new ArrayDeque<>(2);

  private long settled;
  private long queuedTo;
  private long last;
  private long oldest;
  long pendingBytes;
  /** Whether something of it is under way: a try, a read, a look-up. */
  boolean isBusy;

  boolean isReady;
  /** By monotonic time; 0: it waits for nothing. */
  long waitsUntilMs;

  boolean waitsForRetry;
  int tries;
  long firstTriedMs;

  @Nullable
  Gap gap;
  /** Whether the store has a row of it. */
  boolean hasRow;

  private boolean isChanged;

  Lane(Courier courier, EventType type, TopicLanes beside, LaneState from) {
    this.courier = courier;
    this.type = type;
    this.beside = beside;
    this.topic = beside.topic;
    this.settled = from.settled();
    this.queuedTo = from.settled();
    this.last = from.settled();
    this.tries = from.tries();
    this.firstTriedMs = from.firstTriedMs();
    this.gap = from.gap();
  }

  /** Everything up to here was delivered, given up or dropped. */
  long settled() {
    return settled;
  }

  /** A lower bound of where its oldest record is. */
  long oldest() {
    OutboxRecord head = queue.peek();
    return head != null ? head.position() : Math.max(oldest, settled + 1);
  }

  /** There is more, up to {@code position}. */
  void noticed(long firstPosition, long position, long bytes) {
    if (settled >= last) {
      oldest = firstPosition;
    }
    if (position > last) {
      last = position;
      pendingBytes += bytes;
      courier.backlogBytes += bytes;
    }
  }

  /** Whether the queue holds everything that is known of. */
  boolean isQueueComplete() {
    return queuedTo >= last;
  }

  /** These follow what is in the queue. */
  void queue(Iterable<OutboxRecord> records) {
    for (OutboxRecord record : records) {
      if (record.position() > queuedTo && record.position() > settled) {
        queue.add(record);
        courier.engine.topics.queued(record.bytes());
        queuedTo = record.position();
      }
    }
  }

  /** The store has nothing behind the queue, whatever was told. */
  void nothingFollows() {
    last = queuedTo;
  }

  /** Whether there is nothing to do. */
  boolean isIdle() {
    return settled >= last && gap == null;
  }

  /** The oldest record that is in memory; null: it must be read, or there is none. */
  @Nullable
  OutboxRecord head() {
    OutboxRecord head = queue.peek();
    while (head != null && head.position() <= settled) {
      unqueue();
      head = queue.peek();
    }
    return head;
  }

  private void unqueue() {
    OutboxRecord gone = queue.poll();
    if (gone != null) {
      courier.engine.topics.queued(-gone.bytes());
    }
  }

  /** This record is done with. */
  void settle(OutboxRecord record) {
    settled = record.position();
    queuedTo = Math.max(queuedTo, settled);
    tries = 0;
    firstTriedMs = 0;
    head();
    take(record.bytes());
    if (settled >= last) {
      take(pendingBytes); // what was counted may be more than there was
    }
  }

  private void take(long bytes) {
    long taken = Math.min(bytes, pendingBytes);
    pendingBytes -= taken;
    courier.backlogBytes -= taken;
  }

  /** Its row is to be written. */
  void changed() {
    if (!isChanged) {
      isChanged = true;
      courier.engine.progress.changed(this);
    }
  }

  /** Whether its row is still to be written; it is not after this. */
  boolean takeChange() {
    boolean wasChanged = isChanged;
    isChanged = false;
    return wasChanged;
  }

  LaneState state() {
    return new LaneState(settled, tries, firstTriedMs, gap);
  }

  /** As rows are named. */
  String key() {
    return key(courier.name(), type, topic);
  }

  static String key(String endpoint, EventType type, Topic topic) {
    return type.subscription(endpoint) + "/" + topic;
  }

  /** It is no more: what it held counts no longer. */
  void drop() {
    isChanged = false;
    take(pendingBytes);
    while (!queue.isEmpty()) {
      unqueue();
    }
  }
}
