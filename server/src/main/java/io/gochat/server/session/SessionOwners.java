package io.gochat.server.session;

import java.util.concurrent.CompletableFuture;

/** Whether the owner of a session still admits it. Thread-safe; does not block. */
@FunctionalInterface
public interface SessionOwners {
  /** Nobody ever revokes more than a single session. */
  SessionOwners ALL_ADMITTED = session -> CompletableFuture.completedFuture(true);

  /** False: the owner is disabled or gone, or has ended all logins since; at once where the owner is known. */
  CompletableFuture<Boolean> admits(Session session);
}
