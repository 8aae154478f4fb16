package io.gochat.server.session;

import io.gochat.server.session.SessionCache.Entry;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that are looked up in the store now, one look-up per session at a time. Thread-safe; nothing blocks.
 *
 * <p>The race that matters: a look-up that read the session just before it was revoked, and answers just after. It must
 * not put the session back. Look-ups under way are therefore registered by session; revoking takes the registration
 * away ({@link #forget}) <em>before</em> it empties the cache, and a look-up writes the cache only while it holds its
 * registration (both under the map's bin). So either its entry is there to be removed, or it is never written. A change of
 * the owner, which may end many sessions at once, has the same race, and a counter in the cache decides it.
 */
final class Lookups {
  private static final int MOST = 10_000;
  private static final int FINDS_ANEW = 3;
  private static final CompletableFuture<Optional<Session>> NOBODY =
      CompletableFuture.completedFuture(Optional.empty());

  private final SessionStore store;
  private final SessionOwners owners;
  private final ExternalTokens external;
  private final SessionCache cache;
  private final Expiry expiry;
  private final SessionMeters meters;
  private final SessionEndListener dead;
  private final ConcurrentHashMap<String, CompletableFuture<Optional<Session>>> underWay =
      new ConcurrentHashMap<>();

  /** What turns out to have ended is told to {@code dead}. */
  Lookups(
      SessionStore store,
      SessionOwners owners,
      ExternalTokens external,
      SessionCache cache,
      Expiry expiry,
      SessionMeters meters,
      SessionEndListener dead) {
    this.store = store;
    this.owners = owners;
    this.external = external;
    this.cache = cache;
    this.expiry = expiry;
    this.meters = meters;
    this.dead = dead;
  }

  /** What is known of a session that is looked up: of one of elsewhere its token, or what it was known as. */
  record Look(@Nullable String token, @Nullable Session known) {}

  /** It ended: whoever looks it up does not put it back. */
  void forget(String id) {
    underWay.remove(id);
  }

  /** Looks it up, or waits for who does; what finds nothing that lives by either clock also ends what was cached. */
  CompletableFuture<Optional<Session>> lookUp(String id, Look look) {
    if (underWay.size() >= MOST) {
      meters.refusedLookUp();
      return CompletableFuture.failedFuture(
          new RejectedExecutionException("too many sessions are being looked up"));
    }
    CompletableFuture<Optional<Session>> ours = new CompletableFuture<>();
    CompletableFuture<Optional<Session>> earlier = underWay.putIfAbsent(id, ours);
    if (earlier != null) {
      return earlier;
    }
    meters.soughtInStore();
    find(id, look, ours, FINDS_ANEW);
    return ours;
  }

  // Found anew when an owner changed meanwhile: what was read may be of before.
  private void find(String id, Look look, CompletableFuture<Optional<Session>> ours, int attempts) {
    long seen = cache.ownerChanges();
    CompletableFuture<Optional<Session>> asked;
    try {
      asked = stored(id, look).thenCompose(this::admitted);
    } catch (RuntimeException | Error e) {
      asked = CompletableFuture.failedFuture(e); // else nobody could ever look this one up again
    }
    asked.whenComplete((found, failure) -> {
      if (failure != null) {
        underWay.remove(id, ours);
        ours.completeExceptionally(failure);
      } else if (cache.ownerChanges() != seen && attempts > 0) {
        find(id, look, ours, attempts - 1);
      } else {
        ours.complete(judge(id, found, ours, seen));
      }
    });
  }

  private CompletableFuture<Optional<Session>> stored(String id, Look look) {
    if (!Session.isExternal(id)) {
      return store.find(id);
    }
    CompletableFuture<Optional<Session>> found = look.token() == null
        ? CompletableFuture.completedFuture(Optional.ofNullable(look.known()))
        : external.verify(look.token(), id);
    return found.thenCompose(session -> session.isEmpty()
        ? NOBODY
        : store.find(id).thenApply(revoked -> revoked.isPresent() ? Optional.empty() : session));
  }

  private CompletableFuture<Optional<Session>> admitted(Optional<Session> found) {
    return found.isEmpty()
        ? NOBODY
        : owners.admits(found.get()).thenApply(admitted -> admitted ? found : Optional.empty());
  }

  private Optional<Session> judge(
      String id, Optional<Session> found, CompletableFuture<Optional<Session>> ours, long seen) {
    Optional<Session> living =
        found.filter(session -> expiry.isAlive(session) || expiry.isAdmitted(session));
    boolean[] registered = {false};
    underWay.computeIfPresent(id, (key, current) -> {
      if (current != ours) {
        return current;
      }
      registered[0] = true;
      living
          .filter(session -> session.expiresAtMs() != Long.MAX_VALUE)
          .ifPresent(session -> cache.put(session, seen));
      return null;
    });
    if (!registered[0]) {
      return Optional.empty(); // revoked meanwhile; that told everybody
    }
    Entry cached = cache.get(id);
    if (living.isEmpty() && cached != null) {
      dead.sessionEnded(id, expiry.reason(cached.session));
    }
    return living;
  }
}
