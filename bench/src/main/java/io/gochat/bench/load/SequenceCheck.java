package io.gochat.bench.load;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether one receiver got every sequence of one topic once and in order. Confined to the receiver's event loop until
 * the run is over. In the good case it is one comparison; only a broken order costs memory.
 */
final class SequenceCheck {
  private final Violations violations;
  private long expected;
  // Ranges that were skipped: first → last. Null until the first hole.
  private @Nullable NavigableMap<Long, Long> holes;

  /** Expects {@code nextSeq} first. */
  SequenceCheck(long nextSeq, Violations violations) {
    this.expected = nextSeq;
    this.violations = violations;
  }

  /** The next sequence that should come. */
  long expected() {
    return expected;
  }

  /** A delivery came; returns false for one that had come before. */
  boolean delivered(long seq) {
    if (seq == expected) {
      expected++;
      return true;
    }
    if (seq > expected) {
      holes().put(expected, seq - 1);
      expected = seq + 1;
      return true;
    }
    if (fillHole(seq)) {
      violations.reordered++;
      return true;
    }
    violations.duplicates++;
    return false;
  }

  /** The server said that {@code [fromSeq, toSeq]} cannot be had. */
  void gap(long toSeq) {
    violations.gapsAnnounced++;
    if (toSeq >= expected) {
      expected = toSeq + 1;
    }
  }

  /** The run is over and the topic ends at {@code lastSeq}: what has not come by now is missing. */
  void ended(long lastSeq) {
    long missing = Math.max(0, lastSeq - expected + 1);
    if (holes != null) {
      for (Map.Entry<Long, Long> hole : holes.entrySet()) {
        missing += hole.getValue() - hole.getKey() + 1;
      }
    }
    violations.missing += missing;
  }

  private boolean fillHole(long seq) {
    Map.Entry<Long, Long> hole = holes == null ? null : holes.floorEntry(seq);
    if (hole == null || hole.getValue() < seq) {
      return false;
    }
    NavigableMap<Long, Long> all = holes();
    all.remove(hole.getKey());
    if (hole.getKey() < seq) {
      all.put(hole.getKey(), seq - 1);
    }
    if (seq < hole.getValue()) {
      all.put(seq + 1, hole.getValue());
    }
    return true;
  }

  private NavigableMap<Long, Long> holes() {
    NavigableMap<Long, Long> all = holes;
    if (all == null) {
      all = new TreeMap<>();
      holes = all;
    }
    return all;
  }
}
