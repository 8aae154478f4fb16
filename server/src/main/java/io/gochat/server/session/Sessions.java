package io.gochat.server.session;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.session.SessionCache.Entry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
 * <p>Tokens of elsewhere are no sessions until somebody shows them; then they are like ours, but end when the token does,
 * and the store only knows of those that were revoked.
 */
public final class Sessions {
  private static final Logger log = LoggerFactory.getLogger(Sessions.class);
  /** How many sessions are kept in memory where nothing else is said. */
  private static final int CACHED = 200_000;

  private static final long LOOK_AGAIN_MS = 1_000;
  private static final int DOUBTED_AT_ONCE = 5_000;
  private static final CompletableFuture<Optional<Session>> NOBODY =
      CompletableFuture.completedFuture(Optional.empty());

  private final SessionStore store;
  private final SessionOwners owners;
  private final ExternalTokens external;
  private final GuardedClock clock;
  private final SessionMeters meters;
  private final long lifetimeMs;
  private final SessionCache cache;
  private final Expiry expiry;
  private final Lookups lookups;
  // Remembered when it turned out that ends may have been missed; looked up again by and by.
  private final ConcurrentHashMap<String, Session> doubted = new ConcurrentHashMap<>();
  private final List<SessionEndListener> listeners = new CopyOnWriteArrayList<>();

  /** Sessions end {@code lifetime} after they were last used; nobody else's tokens count. */
  public Sessions(SessionStore store, Duration lifetime, GuardedClock clock, MeterRegistry meters) {
    this(store, lifetime, CACHED, clock, meters);
  }

  /** As above, with at most {@code cached} of them in memory. */
  public Sessions(
      SessionStore store, Duration lifetime, int cached, GuardedClock clock, MeterRegistry meters) {
    this(
        store,
        new SessionOptions(lifetime, cached),
        SessionOwners.ALL_ADMITTED,
        ExternalTokens.NONE,
        clock,
        meters);
  }

  /** Those that {@code owners} admit, and those that {@code external} tokens stand for. */
  public Sessions(
      SessionStore store,
      SessionOptions options,
      SessionOwners owners,
      ExternalTokens external,
      GuardedClock clock,
      MeterRegistry meters) {
    this.store = store;
    this.owners = owners;
    this.external = external;
    this.clock = clock;
    this.lifetimeMs = options.lifetime().toMillis();
    this.cache = new SessionCache(options.cached());
    this.meters = new SessionMeters(meters, cache::size);
    this.expiry = new Expiry(clock);
    this.lookups = new Lookups(store, owners, external, cache, expiry, this.meters, this::end);
    store.onDeletedElsewhere(id -> end(id, SessionEnd.REVOKED));
    store.onDeletionsMissed(this::doubtAll);
  }

  /** Opens a session of the first generation of its owner's logins. */
  public CompletableFuture<String> open(long userId, String username) {
    return open(userId, username, 0);
  }

  /** Opens a session of this generation of its owner's logins, durably; completes with its token. */
  public CompletableFuture<String> open(long userId, String username, int generation) {
    String token = Token.random();
    // By the clock that is ahead: what is handed out must be good for signing in with.
    long nowMs = Math.max(clock.millis(), clock.wallMillis());
    Session session = new Session(
        Token.sessionId(token), userId, username, nowMs + lifetimeMs, nowMs, generation);
    return store
        .save(session)
        .thenCompose(saved -> {
          long seen = cache.ownerChanges();
          return owners.admits(session).thenAccept(admitted -> {
            if (admitted) {
              cache.put(session, seen);
            }
          });
        })
        .thenApply(done -> {
          meters.opened();
          return token;
        });
  }

  /**
   * The session of a token, ours or of elsewhere, at once when cached; empty when unknown, expired or revoked. Completes
   * exceptionally as {@link ExternalTokens#verify} does.
   */
  public CompletableFuture<Optional<Session>> check(String token) {
    boolean isOurs = Token.isWellFormed(token);
    if (!isOurs && !external.mayBe(token)) {
      return NOBODY;
    }
    String id = isOurs ? Token.sessionId(token) : Session.EXTERNAL + Token.sessionId(token);
    Entry entry = cache.get(id);
    if (entry != null) {
      Session session = entry.session;
      if (expiry.isAdmitted(session)) {
        meters.foundInCache();
        slide(entry);
        return CompletableFuture.completedFuture(Optional.of(session));
      }
    }
    return lookups
        .lookUp(id, new Lookups.Look(isOurs ? null : token, entry == null ? null : entry.session))
        .thenApply(this::letIn);
  }

  /** Whom the store knows, if the wall clock lets him in. */
  private Optional<Session> letIn(Optional<Session> found) {
    Optional<Session> admitted = found.filter(expiry::isAdmitted);
    admitted.map(session -> cache.get(session.id())).ifPresent(this::slide);
    return admitted;
  }

  /** The sessions of ours that a user has, at most {@code limit}. */
  public CompletableFuture<List<Session>> ofUser(long userId, int limit) {
    return store.ofUser(userId, limit).thenCompose(found -> {
      List<CompletableFuture<Optional<Session>>> judged = found.stream()
          .filter(session -> !session.isExternal() && expiry.isAlive(session))
          .map(session -> owners
              .admits(session)
              .thenApply(admitted -> admitted ? Optional.of(session) : Optional.<Session>empty()))
          .toList();
      return CompletableFuture.allOf(judged.toArray(new CompletableFuture<?>[0]))
          .thenApply(
              done -> judged.stream().flatMap(each -> each.join().stream()).toList());
    });
  }

  /** Revokes a session of this user by its id; completes with false when there is none. */
  public CompletableFuture<Boolean> revoke(long userId, String sessionId) {
    return store.find(sessionId).thenCompose(found -> {
      if (found.isEmpty() || found.get().userId() != userId || found.get().isExternal()) {
        return CompletableFuture.completedFuture(false);
      }
      return revoke(found.get());
    });
  }

  /** Revokes; completes with false when the token was not valid. */
  public CompletableFuture<Boolean> close(String token) {
    return check(token).thenCompose(found -> {
      if (found.isEmpty()) {
        return CompletableFuture.completedFuture(false);
      }
      return revoke(found.get());
    });
  }

  private CompletableFuture<Boolean> revoke(Session session) {
    CompletableFuture<Boolean> revoked = session.isExternal()
        ? store.revoke(session).thenApply(done -> true)
        : store.delete(session.id());
    return revoked.thenApply(existed -> {
      end(session.id(), SessionEnd.REVOKED);
      return existed;
    });
  }

  /** A connection of this session is open: slides the expiry, written at most every lifetime / 24. */
  public void keepAlive(Session session) {
    Entry entry = cache.get(session.id());
    if (entry != null) {
      slide(entry);
      return;
    }
    // Forgotten for want of room, or ended while this
    // connection was closing: the store knows which.
    lookAgain(session);
  }

  /** The owner was disabled, or has ended all logins: what no longer counts ends now. */
  public void ownerChanged(long userId) {
    cache.takeOwnedBy(userId).forEach(this::lookAgain);
  }

  /** Whether an open connection's session still counts is looked at now. */
  public void lookAgain(String sessionId, long userId) {
    Entry entry = cache.get(sessionId);
    // Of a token of elsewhere that is not remembered only the
    // owner's word is known: as if issued before everything.
    lookAgain(entry == null ? new Session(sessionId, userId, "", Long.MAX_VALUE) : entry.session);
  }

  private void lookAgain(Session session) {
    lookups.lookUp(session.id(), new Lookups.Look(null, session)).whenComplete((found, failure) -> {
      if (failure == null && found.filter(expiry::isAlive).isEmpty()) {
        end(session.id(), expiry.reason(session));
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
      lookups.lookUp(due.id(), new Lookups.Look(null, due)).whenComplete((found, failure) -> {
        if (failure != null) {
          log.debug("A due session could not be looked up; it is looked at again", failure);
        } else {
          found.filter(session -> !expiry.isAlive(session)).ifPresent(this::endUnlessUsed);
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

  private void slide(Entry entry) {
    long nowMs = clock.millis();
    Session session = entry.session;
    if (session.isExternal()
        || session.expiresAtMs() - nowMs >= lifetimeMs - lifetimeMs / 24
        || clock.monotonicMillis() < entry.extendNotBeforeMs
        || !entry.extending.compareAndSet(false, true)) {
      return;
    }
    long expiresAtMs = nowMs + lifetimeMs;
    store.extend(session.id(), expiresAtMs).whenComplete((existed, failure) -> {
      if (failure != null) {
        log.debug("A session's expiry could not be written; a later use tries again", failure);
        entry.extendNotBeforeMs = clock.monotonicMillis() + LOOK_AGAIN_MS;
      } else if (existed) {
        entry.session = session.expiringAt(expiresAtMs);
      } else {
        end(session.id(), SessionEnd.REVOKED);
      }
      entry.extending.set(false);
    });
  }

  // Nothing that is remembered counts: a use looks it up, and so does
  // the sweep, for connections that are open and say nothing. Look-ups
  // under way stay: their store answers after what was missed.
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
      lookups
          .lookUp(session.id(), new Lookups.Look(null, session))
          .whenComplete((found, failure) -> {
            if (failure != null) {
              doubted.put(session.id(), session); // the next sweep asks again
            } else if (found.isEmpty()) {
              end(session.id(), expiry.reason(session));
            }
          });
    }
  }

  private void end(String id, SessionEnd reason) {
    lookups.forget(id);
    cache.remove(id);
    meters.ended(reason);
    for (SessionEndListener listener : listeners) {
      listener.sessionEnded(id, reason);
    }
  }
}
