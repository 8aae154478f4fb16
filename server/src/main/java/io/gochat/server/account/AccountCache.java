package io.gochat.server.account;

import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What was looked up, a bounded number of entries. Thread-safe; a look-up takes no lock. Evicts by second chance: first
 * in, first out, but what was looked up meanwhile stays for another round.
 *
 * <p>The race that matters: what was read before a change must not be put after it. So who reads asks for
 * {@link #changes} first, and what it puts counts only if nothing was forgotten since.
 */
final class AccountCache<K, V> {
  private final int maxSize;
  private final ConcurrentHashMap<K, Entry<V>> entries = new ConcurrentHashMap<>();
  private final ArrayDeque<K> order = new ArrayDeque<>(); // guarded by this
  private volatile long changes; // written under this

  AccountCache(int maxSize) {
    this.maxSize = maxSize;
  }

  @Nullable
  V get(K key) {
    Entry<V> entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (!entry.used) {
      entry.used = true;
    }
    return entry.value;
  }

  /** How often something was forgotten; to be asked before what is to be put is read. */
  long changes() {
    return changes;
  }

  /** Keeps what was read after {@code seenChanges} was asked for, unless something was forgotten meanwhile. */
  synchronized void put(K key, V value, long seenChanges) {
    if (seenChanges != changes || entries.putIfAbsent(key, new Entry<>(value)) != null) {
      return;
    }
    order.add(key);
    while (order.size() > maxSize) {
      evictOne();
    }
  }

  synchronized void forget(K key) {
    changes++;
    if (entries.remove(key) != null) {
      order.remove(key);
    }
  }

  synchronized void clear() {
    changes++;
    entries.clear();
    order.clear();
  }

  int size() {
    return entries.size();
  }

  private void evictOne() {
    K oldest = order.remove();
    Entry<V> entry = entries.get(oldest);
    if (entry != null && entry.used) {
      entry.used = false;
      order.add(oldest);
    } else {
      entries.remove(oldest);
    }
  }

  private static final class Entry<V> {
    final V value;
    volatile boolean used;

    Entry(V value) {
      this.value = value;
    }
  }
}
