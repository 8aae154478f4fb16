package io.gochat.server.session;

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

  /** Forgets the session, durably, on every node; completes with whether it existed. */
  CompletableFuture<Boolean> delete(String sessionId);

  /** Moves the expiry of an existing session; a deleted one stays deleted. Completes with whether it existed. */
  CompletableFuture<Boolean> extend(String sessionId, long expiresAtMs);

  /** Who hears of sessions deleted on other nodes; the embedded store has none. Set once. */
  void onDeletedElsewhere(Consumer<String> sessionIds);

  /** Who is told that deletions on other nodes may have been missed, so that nothing remembered counts. Set once. */
  default void onDeletionsMissed(Runnable listener) {}
}
