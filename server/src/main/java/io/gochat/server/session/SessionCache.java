package io.gochat.server.session;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Sessions in memory, a bounded number of them, ordered by when they are due. Thread-safe: look-ups take no lock, all
 * changes take one, and nobody is called under it.
 *
 * <p>An entry keeps the place in the order that its expiry had when it was last looked at. A session that is used moves
 * its expiry every lifetime / 24 without moving its place; when the place comes up, {@link #due} gives it a new one. So
 * a use costs no lock, and a sweep looks only at what may be due.
 */
final class SessionCache {
  private final int maxSize;
  private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();
  private volatile long ownerChanges; // written under this
  private final TreeSet<Entry> byPlace = new TreeSet<>(Entry::compareByPlace); // guarded by this

  SessionCache(int maxSize) {
    this.maxSize = maxSize;
  }

  /** A cached session; {@code session} is replaced when its expiry moves. */
  static final class Entry {
    volatile Session session;
    /** Whether a write of a later expiry is under way; see {@link Sessions}. */
    final AtomicBoolean extending = new AtomicBoolean();

    /** After a failed write: when to try again, milliseconds of monotonic time. */
    volatile long extendNotBeforeMs = Long.MIN_VALUE;

    private long placeMs; // guarded by the cache

    Entry(Session session) {
      this.session = session;
      this.placeMs = session.expiresAtMs();
    }

    private static int compareByPlace(Entry a, Entry b) {
      int order = Long.compare(a.placeMs, b.placeMs);
      return order != 0 ? order : a.session.id().compareTo(b.session.id());
    }
  }

  @Nullable
  Entry get(String sessionId) {
    return entries.get(sessionId);
  }

  /** How often an owner changed; to be asked before what is to be put is read. */
  long ownerChanges() {
    return ownerChanges;
  }

  /**
   * Adds or replaces what was read after {@code seenChanges} was asked for; false, and nothing is done, when an owner
   * changed meanwhile. Over the bound, the session that expires first is forgotten.
   */
  synchronized boolean put(Session session, long seenChanges) {
    if (seenChanges != ownerChanges) {
      return false;
    }
    Entry known = entries.get(session.id());
    if (known != null) {
      known.session = session;
      return true;
    }
    Entry entry = new Entry(session);
    entries.put(session.id(), entry);
    byPlace.add(entry);
    if (entries.size() > maxSize) {
      Entry first = byPlace.first();
      byPlace.remove(first);
      entries.remove(first.session.id());
    }
    return true;
  }

  /** Takes out the sessions of an owner that changed; what was read before is not put any more. */
  synchronized List<Session> takeOwnedBy(long userId) {
    ownerChanges++;
    List<Session> taken = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.session.userId() == userId) {
        taken.add(entry.session);
      }
    }
    taken.forEach(session -> remove(session.id()));
    return taken;
  }

  synchronized void remove(String sessionId) {
    Entry entry = entries.remove(sessionId);
    if (entry != null) {
      byPlace.remove(entry);
    }
  }

  /** Empties it; returns what was there. */
  synchronized List<Session> clear() {
    List<Session> known = new ArrayList<>(entries.size());
    for (Entry entry : byPlace) {
      known.add(entry.session);
    }
    entries.clear();
    byPlace.clear();
    return known;
  }

  /**
   * The sessions whose expiry is not after {@code nowMs}. They stay, and come again after {@code lookAgainMs} unless
   * they were removed or their expiry moved.
   */
  synchronized List<Session> due(long nowMs, long lookAgainMs) {
    List<Session> due = new ArrayList<>();
    List<Entry> moved = new ArrayList<>();
    while (!byPlace.isEmpty() && byPlace.first().placeMs <= nowMs) {
      Entry entry = byPlace.pollFirst();
      long expiresAtMs = entry.session.expiresAtMs();
      if (expiresAtMs <= nowMs) {
        due.add(entry.session);
      }
      entry.placeMs = expiresAtMs > nowMs ? expiresAtMs : nowMs + lookAgainMs;
      moved.add(entry);
    }
    byPlace.addAll(moved);
    return due;
  }

  int size() {
    return entries.size();
  }
}
