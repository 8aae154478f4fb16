package io.gochat.bench.crowd;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What a crowd was answered, by kind. Thread-safe. */
final class AnswerCounts {
  /** A connection that ended although nothing was said. */
  static final String SILENCE = "closed without a word";

  /** An answer that ended in its middle. */
  static final String CUT_OFF = "cut off in an answer";

  private final Map<String, LongAdder> counts = new ConcurrentHashMap<>();

  /** One more of a kind. */
  void add(String kind) {
    counts.computeIfAbsent(kind, key -> new LongAdder()).increment();
  }

  /** How many of a kind. */
  long count(String kind) {
    LongAdder count = counts.get(kind);
    return count == null ? 0 : count.sum();
  }

  /** All of them, by name. */
  Map<String, Long> all() {
    Map<String, Long> all = new TreeMap<>();
    counts.forEach((kind, count) -> all.put(kind, count.sum()));
    return all;
  }
}
