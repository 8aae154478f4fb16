package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where topics ended when this node saw them last, in the epoch in force and in a few before it. Thread-safe. */
final class SeenEnds {
  private static final int REMEMBERED = 50_000;
  private static final int COMPARED = 2_000;
  private static final int PAST_EPOCHS = 4;

  /** By the last touch, the oldest goes. Guarded by this. */
  private final Map<Topic, End> ends = new LinkedHashMap<>(64, 0.75f, true) {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Topic, End> eldest) {
      return size() > REMEMBERED;
    }
  };
  /** What they were when an earlier epoch ended. Guarded by this. */
  private final Map<Long, Map<Topic, End>> past = new LinkedHashMap<>() {
    @Override
    protected boolean removeEldestEntry(Map.Entry<Long, Map<Topic, End>> eldest) {
      return size() > PAST_EPOCHS;
    }
  };

  private volatile long epoch;

  /** The last sequence, and the message there. */
  record End(long seq, long messageId) {}

  /** The epoch in force; 0: none is known. */
  long epoch() {
    return epoch;
  }

  /** The topic was seen to end here, while {@code ofEpoch} was in force. */
  synchronized void saw(Topic topic, long ofEpoch, long seq, long messageId) {
    End known = ends.get(topic);
    if (ofEpoch == epoch && (known == null || known.seq < seq)) {
      ends.put(topic, new End(seq, messageId));
    }
  }

  /** Where it ended when that epoch did; null: it is not known. */
  synchronized @Nullable End ofPast(long ended, Topic topic) {
    Map<Topic, End> then = past.get(ended);
    return then == null ? null : then.get(topic);
  }

  /** Another epoch is in force, perhaps; returns the one before. */
  synchronized long adopt(long inForce) {
    long before = epoch;
    epoch = inForce;
    if (before != 0 && before != inForce) {
      past.put(before, new HashMap<>(ends));
      ends.clear();
    }
    return before;
  }

  /** Those that were seen last, as many as are compared. */
  synchronized Map<Topic, End> latest() {
    Map<Topic, End> latest = new LinkedHashMap<>();
    int old = ends.size() - COMPARED; // the order is that of the last touch
    for (Map.Entry<Topic, End> end : ends.entrySet()) {
      if (old-- <= 0) {
        latest.put(end.getKey(), end.getValue());
      }
    }
    return latest;
  }
}
