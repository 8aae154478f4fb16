package io.gochat.server.account;

import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Accounts by id or by key of the name, a bounded number of them. Thread-safe; a look-up takes no lock. Only what
 * exists is kept: an account never changes, while a name that is free now may be taken on another node a moment later.
 * Evicts by second chance: first in, first out, but what was looked up meanwhile stays for another round.
 */
final class AccountCache<K> {
  private final int maxSize;
  private final ConcurrentHashMap<K, Entry> entries = new ConcurrentHashMap<>();
  private final ArrayDeque<K> order = new ArrayDeque<>(); // guarded by itself

  AccountCache(int maxSize) {
    this.maxSize = maxSize;
  }

  @Nullable
  Account get(K key) {
    Entry entry = entries.get(key);
    if (entry == null) {
      return null;
    }
    if (!entry.used) {
      entry.used = true;
    }
    return entry.account;
  }

  void put(K key, Account account) {
    if (entries.putIfAbsent(key, new Entry(account)) != null) {
      return;
    }
    synchronized (order) {
      order.add(key);
      while (order.size() > maxSize) {
        evictOne();
      }
    }
  }

  void clear() {
    synchronized (order) {
      order.clear();
      entries.clear();
    }
  }

  int size() {
    return entries.size();
  }

  private void evictOne() {
    K oldest = order.remove();
    Entry entry = entries.get(oldest);
    if (entry != null && entry.used) {
      entry.used = false;
      order.add(oldest);
    } else {
      entries.remove(oldest);
    }
  }

  private static final class Entry {
    final Account account;
    volatile boolean used;

    Entry(Account account) {
      this.account = account;
    }
  }
}
