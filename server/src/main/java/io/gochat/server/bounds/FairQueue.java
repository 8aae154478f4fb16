package io.gochat.server.bounds;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue that is fair twice: sources take turns, and within a source its lanes do; a lane is first in, first
 * out. When it is full, a newcomer takes the last place of the longest lane of the longest source, so that a crowd can
 * only ever push itself out; among equals the newcomer itself goes. Thread-safe; one short lock, under which all places
 * are looked at only while it is full.
 *
 * @param <S> a source, for instance an address
 * @param <L> a lane within a source, for instance a name
 * @param <T> what waits
 */
public final class FairQueue<S, L, T> {
  private final int capacity;
  private final Map<S, Source<S, L, T>> sources = new HashMap<>();
  private final Deque<Source<S, L, T>> turns = new ArrayDeque<>();
  private int size;

  /** {@code capacity} places. */
  public FairQueue(int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity: at least 1");
    }
    this.capacity = capacity;
  }

  /** Adds; returns who lost its place over that, perhaps {@code waiting} itself; null: there was room. */
  public synchronized @Nullable T offer(S from, L lane, T waiting) {
    Source<S, L, T> source = sources.get(from);
    if (source == null) {
      source = new Source<>(from);
      sources.put(from, source);
      turns.add(source);
    }
    source.add(lane, waiting);
    if (size < capacity) {
      size++;
      return null;
    }
    Source<S, L, T> longest = longest();
    T displaced = longest.removeNewest();
    forgetIfEmpty(longest);
    return displaced;
  }

  /** Takes whoever's turn it is; null: nobody waits. */
  public synchronized @Nullable T poll() {
    Source<S, L, T> source = turns.peek();
    if (source == null) {
      return null;
    }
    size--;
    T next = source.poll();
    turns.remove();
    turns.add(source);
    forgetIfEmpty(source);
    return next;
  }

  /** How many wait. */
  public synchronized int size() {
    return size;
  }

  // The last of equals: whoever came to the queue latest.
  private Source<S, L, T> longest() {
    Source<S, L, T> longest = turns.element();
    for (Source<S, L, T> source : turns) {
      longest = source.size >= longest.size ? source : longest;
    }
    return longest;
  }

  private void forgetIfEmpty(Source<S, L, T> source) {
    if (source.size == 0) {
      sources.remove(source.key);
      turns.remove(source);
    }
  }

  private static final class Source<S, L, T> {
    final S key;
    private final Map<L, Lane<L, T>> lanes = new HashMap<>();
    private final Deque<Lane<L, T>> turns = new ArrayDeque<>();
    int size;

    Source(S key) {
      this.key = key;
    }

    void add(L laneKey, T waiting) {
      Lane<L, T> lane = lanes.get(laneKey);
      if (lane == null) {
        lane = new Lane<>(laneKey, new ArrayDeque<>(2));
        lanes.put(laneKey, lane);
        turns.add(lane);
      }
      lane.waiting.add(waiting);
      size++;
    }

    T poll() {
      Lane<L, T> lane = turns.remove();
      T next = lane.waiting.remove();
      turns.add(lane);
      removed(lane);
      return next;
    }

    T removeNewest() {
      Lane<L, T> longest = turns.element();
      for (Lane<L, T> lane : turns) {
        longest = lane.waiting.size() >= longest.waiting.size() ? lane : longest;
      }
      T newest = longest.waiting.removeLast();
      removed(longest);
      return newest;
    }

    private void removed(Lane<L, T> lane) {
      size--;
      if (lane.waiting.isEmpty()) {
        lanes.remove(lane.key);
        turns.removeLastOccurrence(lane);
      }
    }
  }

  private record Lane<L, T>(L key, Deque<T> waiting) {}
}
