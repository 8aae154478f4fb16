package io.gochat.server.session;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.session.SessionCache.Entry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logins of all users. Thread-safe; nothing blocks. Futures complete on the store's threads, or at once; they
 * complete exceptionally when the store is unavailable.
 *
 * <p>The expiry in the store is the truth, for all nodes. A use moves it to a whole lifetime from now, but is written
 * only when it has come nearer than that by lifetime / 24, so a session lives between 23/24 of the lifetime and the
 * lifetime after its last use. A session that has expired by what is cached is looked up before anybody is told: it may
 * have been used on another node.
 *
 * <p>A token that is presented is judged by the wall clock, because an open door is worse than a closed one. Whoever is
 * inside stays for as long as {@linkplain GuardedClock trusted time} allows: a clock that jumps ends nobody's session.
 *
 * <p>The race that matters: a look-up that read the session just before it was revoked, and answers just after. It must
 * not put the session back. Look-ups under way are therefore registered by session; revoking takes the registration
 * away <em>before</em> it empties the cache, and a look-up writes the cache only while it holds its registration
 * (both under the map's bin). So either its entry is there to be removed, or it is never written.
 */
public final class Sessions {
  private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
  /** How many sessions are kept in memory where nothing else is said. */
  private static final int CACHED = 200_000;

  private static final int MAX_LOOKUPS = 10_000;
  private static final long LOOK_AGAIN_MS = 1_000;
  private static final int DOUBTED_AT_ONCE = 5_000;
  private static final CompletableFuture<Optional<Session>> NOBODY =
      CompletableFuture.completedFuture(Optional.empty());

  private final SessionStore store;
  private final GuardedClock clock;
  private final MeterRegistry metrics;
  private final long lifetimeMs;
  private final SessionCache cache;
  private final ConcurrentHashMap<String, CompletableFuture<Optional<Session>>> lookups =
      new ConcurrentHashMap<>();
  // Remembered when it turned out that ends may have been missed; looked up again by and by.
  private final ConcurrentHashMap<String, Session> doubted = new ConcurrentHashMap<>();
  private final List<SessionEndListener> listeners = new CopyOnWriteArrayList<>();
  private final Counter hits;
  private final Counter misses;

  /** Sessions end {@code lifetime} after they were last used. */
  public Sessions(
      SessionStore store, Duration lifetime, GuardedClock clock, MeterRegistry metrics) {
    this(store, lifetime, CACHED, clock, metrics);
  }

  /** As above, with at most {@code cached} of them in memory. */
  public Sessions(
      SessionStore store,
      Duration lifetime,
      int cached,
      GuardedClock clock,
      MeterRegistry metrics) {
    if (lifetime.toMillis() < 1) {
      throw new IllegalArgumentException("session lifetime: at least a millisecond");
    }
    this.store = store;
    this.clock = clock;
    this.metrics = metrics;
    this.lifetimeMs = lifetime.toMillis();
    this.cache = new SessionCache(cached);
    this.hits = metrics.counter("gochat.session.checks", "from", "cache");
    this.misses = metrics.counter("gochat.session.checks", "from", "store");
    Gauge.builder("gochat.session.cached", cache, SessionCache::size).register(metrics);
    store.onDeletedElsewhere(id -> end(id, SessionEnd.REVOKED));
    store.onDeletionsMissed(this::doubtAll);
  }

  /** Opens a session, durably; completes with its token. */
  public CompletableFuture<String> open(long userId, String username) {
    String token = Token.random();
    // By the clock that is ahead: what is handed out must be good for signing in with.
    long nowMs = Math.max(clock.millis(), clock.wallMillis());
    Session session = new Session(Token.sessionId(token), userId, username, nowMs + lifetimeMs);
    return store.save(session).thenApply(saved -> {
      cache.put(session);
      metrics.counter("gochat.session.opened").increment();
      return token;
    });
  }

  /** The session of a token, at once when cached; empty when unknown, expired or revoked. */
  public CompletableFuture<Optional<Session>> check(String token) {
    if (!Token.isWellFormed(token)) {
      return NOBODY;
    }
    String id = Token.sessionId(token);
    Entry entry = cache.get(id);
    if (entry != null) {
      Session session = entry.session;
      if (isAdmitted(session)) {
        hits.increment();
        slide(entry);
        return CompletableFuture.completedFuture(Optional.of(session));
      }
    }
    return lookUp(id).thenApply(this::admitted);
  }

  /** Whom the store knows, if the wall clock lets him in. */
  private Optional<Session> admitted(Optional<Session> found) {
    Optional<Session> admitted = found.filter(this::isAdmitted);
    admitted.map(session -> cache.get(session.id())).ifPresent(this::slide);
    return admitted;
  }

  /** Revokes; completes with false when the token was not valid. */
  public CompletableFuture<Boolean> close(String token) {
    return check(token).thenCompose(found -> {
      if (found.isEmpty()) {
        return CompletableFuture.completedFuture(false);
      }
      String id = found.get().id();
      return store.delete(id).thenApply(existed -> {
        end(id, SessionEnd.REVOKED);
        return existed;
      });
    });
  }

  /** A connection of this session is open: slides the expiry, written at most every lifetime / 24. */
  public void keepAlive(Session session) {
    Entry entry = cache.get(session.id());
    if (entry != null) {
      slide(entry);
      return;
    }
    // Forgotten here for want of room, or ended while this connection was closing: the store knows
    // which.
    lookUp(session.id()).whenComplete((found, failure) -> {
      if (failure == null && found.filter(this::isAlive).isEmpty()) {
        end(session.id(), reason(session));
      }
    });
  }

  /** Who hears of sessions that end; set before the first one does. */
  public void onEnded(SessionEndListener listener) {
    listeners.add(listener);
  }

  /** Ends what is due; called once a second, with work in proportion to what is due. */
  public void sweep() {
    lookUpDoubted();
    for (Session due : cache.due(clock.millis(), LOOK_AGAIN_MS)) {
      lookUp(due.id()).whenComplete((found, failure) -> {
        if (failure != null) {
          LOG.debug("A due session could not be looked up; it is looked at again", failure);
        } else {
          found.filter(session -> !isAlive(session)).ifPresent(this::endUnlessUsed);
        }
      });
    }
  }

  // Dead, but for a wall clock that is behind: whoever signed in by that is just being extended.
  private void endUnlessUsed(Session dead) {
    Entry entry = cache.get(dead.id());
    if (entry == null || !entry.extending.get()) {
      end(dead.id(), SessionEnd.EXPIRED);
    }
  }

  // One look-up per session at a time; what finds nothing that lives by either clock also ends what
  // was cached.
  private CompletableFuture<Optional<Session>> lookUp(String id) {
    if (lookups.size() >= MAX_LOOKUPS) {
      metrics.counter("gochat.session.refused", "reason", "session_lookups").increment();
      return CompletableFuture.failedFuture(
          new RejectedExecutionException("too many sessions are being looked up"));
    }
    CompletableFuture<Optional<Session>> ours = new CompletableFuture<>();
    CompletableFuture<Optional<Session>> underWay = lookups.putIfAbsent(id, ours);
    if (underWay != null) {
      return underWay;
    }
    misses.increment();
    store.find(id).whenComplete((found, failure) -> {
      if (failure != null) {
        lookups.remove(id, ours);
        ours.completeExceptionally(failure);
      } else {
        ours.complete(judge(id, found, ours));
      }
    });
    return ours;
  }

  private Optional<Session> judge(
      String id, Optional<Session> found, CompletableFuture<Optional<Session>> ours) {
    Optional<Session> living = found.filter(session -> isAlive(session) || isAdmitted(session));
    boolean[] registered = {false};
    lookups.computeIfPresent(id, (key, current) -> {
      if (current != ours) {
        return current;
      }
      registered[0] = true;
      living.ifPresent(cache::put);
      return null;
    });
    if (!registered[0]) {
      return Optional.empty(); // revoked meanwhile; that told everybody
    }
    Entry cached = cache.get(id);
    if (living.isEmpty() && cached != null) {
      end(id, reason(cached.session));
    }
    return living;
  }

  /** Whether an open connection may go on. */
  private boolean isAlive(Session session) {
    return session.expiresAtMs() > clock.millis();
  }

  /** Whether its token lets somebody in. */
  private boolean isAdmitted(Session session) {
    return session.expiresAtMs() > clock.wallMillis();
  }

  // A store may have dropped what expired: then only the expiry that was last seen tells.
  private SessionEnd reason(Session gone) {
    return gone.expiresAtMs() <= clock.millis() ? SessionEnd.EXPIRED : SessionEnd.REVOKED;
  }

  private void slide(Entry entry) {
    long nowMs = clock.millis();
    Session session = entry.session;
    if (session.expiresAtMs() - nowMs >= lifetimeMs - lifetimeMs / 24
        || clock.monotonicMillis() < entry.extendNotBeforeMs
        || !entry.extending.compareAndSet(false, true)) {
      return;
    }
    long expiresAtMs = nowMs + lifetimeMs;
    store.extend(session.id(), expiresAtMs).whenComplete((existed, failure) -> {
      if (failure != null) {
        LOG.debug("A session's expiry could not be written; a later use tries again", failure);
        entry.extendNotBeforeMs = clock.monotonicMillis() + LOOK_AGAIN_MS;
      } else if (existed) {
        entry.session =
            new Session(session.id(), session.userId(), session.username(), expiresAtMs);
      } else {
        end(session.id(), SessionEnd.REVOKED);
      }
      entry.extending.set(false);
    });
  }

  // Nothing that is remembered counts: a use looks it up, and so does the sweep, for connections
  // that
  // are open and say nothing. Look-ups under way stay: they ask a store that answers again, after
  // what was missed.
  private void doubtAll() {
    for (Session session : cache.clear()) {
      doubted.put(session.id(), session);
    }
  }

  private void lookUpDoubted() {
    Iterator<Session> sessions = doubted.values().iterator();
    for (int i = 0; i < DOUBTED_AT_ONCE && sessions.hasNext(); i++) {
      Session session = sessions.next();
      sessions.remove();
      lookUp(session.id()).whenComplete((found, failure) -> {
        if (failure != null) {
          doubted.put(session.id(), session); // the next sweep asks again
        } else if (found.isEmpty()) {
          end(session.id(), reason(session));
        }
      });
    }
  }

  private void end(String id, SessionEnd reason) {
    lookups.remove(id);
    cache.remove(id);
    metrics
        .counter("gochat.session.ended", "reason", reason.name().toLowerCase(Locale.ROOT))
        .increment();
    for (SessionEndListener listener : listeners) {
      listener.sessionEnded(id, reason);
    }
  }
}
