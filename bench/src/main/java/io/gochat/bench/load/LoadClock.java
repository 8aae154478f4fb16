package io.gochat.bench.load;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What all connections of a run share: which messages are measured, how the closed loop advances, and what went wrong in
 * words. Thread-safe.
 */
final class LoadClock {
  private static final int MAX_NOTES = 20;

  private final Stamp stamp;
  private final Flow flow;
  private final Ending ending;
  private final Map<String, Integer> notes = new LinkedHashMap<>();
  private volatile long measureFromNs = Long.MAX_VALUE;
  private volatile long measureToNs = Long.MAX_VALUE;

  LoadClock(Stamp stamp, Flow flow, Ending ending) {
    this.stamp = stamp;
    this.flow = flow;
    this.ending = ending;
  }

  /** Told whenever deliveries came; for the closed loop. */
  interface Flow {
    void advanced();
  }

  Stamp stamp() {
    return stamp;
  }

  Flow flow() {
    return flow;
  }

  /** Whether somebody ended the run: connections that end then say nothing about the server. */
  boolean isInterrupted() {
    return ending.isInterrupted();
  }

  /** From now on messages due in this span are measured. */
  void measure(long fromNs, long toNs) {
    measureToNs = toNs;
    measureFromNs = fromNs;
  }

  /** Whether a message that is due then counts. */
  boolean isMeasured(long intendedNs) {
    return intendedNs >= measureFromNs && intendedNs < measureToNs;
  }

  /** Something to tell the user; the same sentence is counted, not repeated. */
  void note(String sentence) {
    synchronized (notes) {
      if (notes.size() < MAX_NOTES || notes.containsKey(sentence)) {
        notes.merge(sentence, 1, Integer::sum);
      }
    }
  }

  /** The sentences with how often each was noted. */
  Map<String, Integer> notes() {
    synchronized (notes) {
      return new LinkedHashMap<>(notes);
    }
  }
}
