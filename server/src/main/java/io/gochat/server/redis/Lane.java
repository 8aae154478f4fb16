package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The publishes to one master: what waits, by topic, and what is under way. Confined to the committer thread. Other
 * masters' lanes know nothing of this one.
 *
 * <p>While a call is under way the next one gathers: the busier, the larger, which is what makes a message cheap for Redis.
 * But it gathers for {@link #PATIENCE_NANOS} at most, or until it is full, so that a long way to Redis does not bound what
 * a lane can carry, nor what one topic can: its next call does not wait for the answer to the one before, because one
 * connection carries both, and Redis takes them in that order. Only what Redis did not carry out for want of the script
 * ({@code SCRIPT FLUSH}, another master) is sent again, and then the order is at stake: it is held until every call is
 * answered, and sent again in the order of the calls; what a later call to the same topic has overtaken fails. In a cluster,
 * where the client itself sends again what a moved slot redirects, a topic has one call under way.
 */
final class Lane {
  static final long PATIENCE_NANOS = 2_000_000;
  /** Most messages of one call. */
  static final int CALL_MESSAGES = 512;
  // Redis does nothing else meanwhile: some 2 ms.
  private static final int CALL_BYTES = 512 << 10;
  private static final int CALLS_UNDER_WAY = 32;
  /** Most full calls that are under way: 2,048 messages, 40,000 a second on a way of 50 ms. */
  static final int FULL_CALLS = 4;
  /** An answer within this says that a Redis carries more than it has. */
  static final long QUICK_NANOS = 200_000_000;

  private static final int WAITING_MESSAGES = 8_192;

  private final Map<Topic, Deque<Pending>> waiting = new LinkedHashMap<>();
  /** How many calls of a topic are under way. */
  private final Map<Topic, Integer> busy = new HashMap<>();
  /** In the order in which they were sent. */
  private final List<Sent> underWay = new ArrayList<>();

  private final boolean isOneMaster;
  private int waitingMessages;
  private long waitingBytes;
  private int sentMessages;
  private long sentBytes;
  private int held;
  private int fullCalls = 1;
  private long lastSentNanos;

  private static final class Sent {
    private final List<AppendCall.Batch> batches;
    private final int messages;
    private final long bytes;
    private AppendCall.@Nullable Call held;

    Sent(List<AppendCall.Batch> batches, int messages, long bytes) {
      this.batches = batches;
      this.messages = messages;
      this.bytes = bytes;
    }

    boolean shares(Set<Topic> topics) {
      return batches.stream().anyMatch(batch -> topics.contains(batch.topic()));
    }
  }

  /** In a cluster, not {@code isOneMaster}, a call cannot touch topics of different slots: one topic per call. */
  Lane(boolean isOneMaster) {
    this.isOneMaster = isOneMaster;
  }

  void add(Pending pending) {
    waiting
        .computeIfAbsent(pending.publication().topic(), topic -> new ArrayDeque<>(2))
        .add(pending);
    waitingMessages++;
    waitingBytes += pending.bytes();
  }

  /** Whether the topic has something here; then what follows must come here too. */
  boolean holds(Topic topic) {
    return busy.containsKey(topic) || waiting.containsKey(topic);
  }

  /** Whether no more may wait here: one master must not take the room of all. */
  boolean isFull() {
    return waitingMessages >= WAITING_MESSAGES;
  }

  boolean hasWaiting() {
    return !waiting.isEmpty();
  }

  boolean isIdle() {
    return waiting.isEmpty() && underWay.isEmpty();
  }

  /** How long to wait before looking again, for what is waiting now; {@code Long.MAX_VALUE}: an answer comes first. */
  long waitNanos(long nowNanos) {
    if (underWay.isEmpty()
        || !mayGo()
        || (!isOneMaster && busy.keySet().containsAll(waiting.keySet()))) {
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
    Iterator<Map.Entry<Topic, Deque<Pending>>> topics = waiting.entrySet().iterator();
    while (topics.hasNext() && messages > 0 && bytes > 0) {
      Map.Entry<Topic, Deque<Pending>> entry = topics.next();
      if (!isOneMaster && busy.containsKey(entry.getKey())) {
        continue;
      }
      List<Pending> taken = new ArrayList<>();
      Deque<Pending> queue = entry.getValue();
      while (!queue.isEmpty() && messages > 0 && bytes > 0) {
        Pending pending = queue.remove();
        taken.add(pending);
        messages--;
        bytes -= pending.bytes();
        waitingMessages--;
        waitingBytes -= pending.bytes();
      }
      batches.add(new AppendCall.Batch(entry.getKey(), taken));
      busy.merge(entry.getKey(), 1, Integer::sum);
      if (queue.isEmpty()) {
        topics.remove();
      }
      if (!isOneMaster) {
        break;
      }
    }
    if (!batches.isEmpty()) {
      Sent sent = new Sent(batches, CALL_MESSAGES - messages, CALL_BYTES - bytes);
      underWay.add(sent);
      sentMessages += sent.messages;
      sentBytes += sent.bytes;
      lastSentNanos = nowNanos;
    }
    return batches;
  }

  private boolean isTime(long nowNanos) {
    return mayGo()
        && (underWay.isEmpty()
            || !isOneMaster
            || waitingMessages >= CALL_MESSAGES
            || waitingBytes >= CALL_BYTES
            || nowNanos - lastSentNanos >= PATIENCE_NANOS);
  }

  /** Whether anything is there to send, and no answer has to come first. */
  private boolean mayGo() {
    return !waiting.isEmpty()
        && held == 0
        && underWay.size() < CALLS_UNDER_WAY
        && sentMessages < fullCalls * CALL_MESSAGES
        && sentBytes < (long) fullCalls * CALL_BYTES;
  }

  /**
   * A call was answered after so long. What is sent has a deadline: the more waits in Redis, and not here, the more comes
   * to an unknown outcome when Redis is slow.
   */
  void answeredAfter(long nanos) {
    fullCalls = nanos < QUICK_NANOS ? Math.min(fullCalls + 1, FULL_CALLS) : 1;
  }

  /** The call is over. */
  void settled(AppendCall.Call call) {
    Sent sent = sent(call);
    underWay.remove(sent);
    sentMessages -= sent.messages;
    sentBytes -= sent.bytes;
    held -= sent.held == null ? 0 : 1;
    for (AppendCall.Batch batch : call.batches()) {
      busy.computeIfPresent(batch.topic(), (topic, calls) -> calls == 1 ? null : calls - 1);
    }
  }

  /** Redis did not know the script: nothing of the call was carried out, and it waits for its turn. */
  void hold(AppendCall.Call call) {
    sent(call).held = call;
    held++;
  }

  /** The calls that are held, and can only come too late, once this one was carried out. */
  List<AppendCall.Call> overtakenBy(AppendCall.Call call) {
    if (held == 0) {
      return List.of();
    }
    Set<Topic> topics = new HashSet<>();
    call.batches().forEach(batch -> topics.add(batch.topic()));
    List<AppendCall.Call> overtaken = new ArrayList<>();
    for (Sent sent : underWay.subList(0, underWay.indexOf(sent(call)))) {
      if (sent.held != null && sent.shares(topics)) {
        overtaken.add(sent.held);
      }
    }
    return overtaken;
  }

  /** The calls to send again, in this order; none while the answer to another one is awaited. */
  List<AppendCall.Call> nextHeld() {
    List<AppendCall.Call> again = new ArrayList<>();
    if (held > 0 && held == underWay.size()) {
      for (Sent sent : underWay) {
        again.add(Objects.requireNonNull(sent.held));
        sent.held = null;
      }
      held = 0;
    }
    return again;
  }

  private Sent sent(AppendCall.Call call) {
    for (Sent sent : underWay) {
      if (sent.batches == call.batches()) {
        return sent;
      }
    }
    throw new IllegalStateException("not under way");
  }

  /** Takes out everything, what is under way included: nobody hears of its answer any more. */
  List<Pending> giveUp() {
    List<Pending> all = drain();
    for (Sent sent : underWay) {
      sent.batches.forEach(batch -> all.addAll(batch.pending()));
    }
    underWay.clear();
    busy.clear();
    return all;
  }

  /** Takes out everything that waits. */
  List<Pending> drain() {
    List<Pending> all = new ArrayList<>();
    waiting.values().forEach(all::addAll);
    waiting.clear();
    waitingMessages = 0;
    waitingBytes = 0;
    return all;
  }
}
