package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The publishes to one master: what waits, by topic, and what is under way. Confined to the committer thread. A topic that
 * has a call under way waits for its answer, so that not even the retry after a {@code SCRIPT FLUSH} can change its order;
 * other topics do not wait for it, and other masters' lanes know nothing of this one.
 *
 * <p>While a call is under way the next one gathers: the busier, the larger, which is what makes a message cheap for Redis.
 * But it gathers for {@link #PATIENCE_NANOS} at most, or until it is full, so that a long way to Redis does not bound what
 * a lane can carry.
 */
final class Lane {
  static final long PATIENCE_NANOS = 2_000_000;
  /** Most messages of one call. */
  static final int CALL_MESSAGES = 512;
  // Redis does nothing else meanwhile: some 2 ms.
  private static final int CALL_BYTES = 512 << 10;
  private static final int UNDER_WAY = 32;
  private static final int WAITING_MESSAGES = 8_192;

  private final Map<Topic, Deque<Committer.Pending>> waiting = new LinkedHashMap<>();
  private final Set<Topic> busy = new HashSet<>();
  private final boolean callsHoldManyTopics;
  private int waitingMessages;
  private long waitingBytes;
  private int underWay;
  private long lastSentNanos;

  /** In a cluster a call cannot touch topics of different slots: one topic per call. */
  Lane(boolean callsHoldManyTopics) {
    this.callsHoldManyTopics = callsHoldManyTopics;
  }

  void add(Committer.Pending pending) {
    waiting
        .computeIfAbsent(pending.publication().topic(), topic -> new ArrayDeque<>(2))
        .add(pending);
    waitingMessages++;
    waitingBytes += pending.bytes();
  }

  /** Whether the topic has something here; then what follows must come here too. */
  boolean holds(Topic topic) {
    return busy.contains(topic) || waiting.containsKey(topic);
  }

  /** Whether no more may wait here: one master must not take the room of all. */
  boolean isFull() {
    return waitingMessages >= WAITING_MESSAGES;
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  boolean isIdle() {
    return waiting.isEmpty() && underWay == 0;
  }

  /** How long to wait before looking again, for what is waiting now; {@code Long.MAX_VALUE}: an answer comes first. */
  long waitNanos(long nowNanos) {
    if (waiting.isEmpty()
        || underWay == 0
        || underWay >= UNDER_WAY
        || busy.containsAll(waiting.keySet())) {
      return Long.MAX_VALUE;
    }
    return Math.max(0, lastSentNanos + PATIENCE_NANOS - nowNanos);
  }

  /** The batches of the next call; empty when it is not yet time for one. */
  List<AppendCall.Batch> next(long nowNanos) {
    List<AppendCall.Batch> batches = new ArrayList<>();
    if (!isTime(nowNanos)) {
      return batches;
    }
    int messages = CALL_MESSAGES;
    long bytes = CALL_BYTES;
    Iterator<Map.Entry<Topic, Deque<Committer.Pending>>> topics =
        waiting.entrySet().iterator();
    while (topics.hasNext() && messages > 0 && bytes > 0) {
      Map.Entry<Topic, Deque<Committer.Pending>> entry = topics.next();
      if (busy.contains(entry.getKey())) {
        continue;
      }
      List<Committer.Pending> taken = new ArrayList<>();
      Deque<Committer.Pending> queue = entry.getValue();
      while (!queue.isEmpty() && messages > 0 && bytes > 0) {
        Committer.Pending pending = queue.remove();
        taken.add(pending);
        messages--;
        bytes -= pending.bytes();
        waitingMessages--;
        waitingBytes -= pending.bytes();
      }
      batches.add(new AppendCall.Batch(entry.getKey(), taken));
      busy.add(entry.getKey());
      if (queue.isEmpty()) {
        topics.remove();
      }
      if (!callsHoldManyTopics) {
        break;
      }
    }
    if (!batches.isEmpty()) {
      underWay++;
      lastSentNanos = nowNanos;
    }
    return batches;
  }

  private boolean isTime(long nowNanos) {
    if (waiting.isEmpty() || underWay >= UNDER_WAY) {
      return false;
    }
    return underWay == 0
        || !callsHoldManyTopics
        || waitingMessages >= CALL_MESSAGES
        || waitingBytes >= CALL_BYTES
        || nowNanos - lastSentNanos >= PATIENCE_NANOS;
  }

  /** The call is over. */
  void settled(AppendCall.Call call) {
    underWay--;
    for (AppendCall.Batch batch : call.batches()) {
      busy.remove(batch.topic());
    }
  }

  /** Takes out everything that waits. */
  List<Committer.Pending> drain() {
    List<Committer.Pending> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    waiting.clear();
    waitingMessages = 0;
    waitingBytes = 0;
    return all;
  }
}
