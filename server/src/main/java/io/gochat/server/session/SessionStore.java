package io.gochat.server.session;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Where sessions live. Thread-safe; no method blocks; futures complete on the store's threads, exceptionally when the
 * store is unavailable.
 */
public interface SessionStore {
  /** Writes or replaces; durable when it completes. */
  CompletableFuture<Void> save(Session session);

  /**
   * By id. The caller judges the expiry; a store may drop what expired some time ago, so that it does not grow for
   * ever.
   */
  CompletableFuture<Optional<Session>> find(String sessionId);

  /** The sessions of a user, at most {@code limit} of them, in no order; the caller judges which of them count. */
  CompletableFuture<List<Session>> ofUser(long userId, int limit);

  /** Forgets the session, durably, on every node; completes with whether it existed. */
  CompletableFuture<Boolean> delete(String sessionId);

  /**
   * Remembers until its expiry that an external session was revoked, durably, and tells every node: for those, to be
   * found means to be revoked.
   */
  CompletableFuture<Void> revoke(Session external);

  /** Moves the expiry of an existing session; a deleted one stays deleted. Completes with whether it existed. */
  CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs);

  /** Who hears of sessions deleted or revoked on other nodes; the embedded store has none. Set once. */
  void onDeletedElsewhere(Consumer<String> sessionIds);

  /** Who is told that deletions on other nodes may have been missed, so that nothing remembered counts. Set once. */
  default void onDeletionsMissed(Runnable listener) {}
}
