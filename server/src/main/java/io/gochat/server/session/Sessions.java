package io.gochat.server.session;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The logins of all users. Thread-safe; nothing blocks. Futures complete on the store's threads, or at once; they
 * complete exceptionally when the store is unavailable.
 */
public final class Sessions {
  /** Sessions end {@code lifetime} after they were last used. */
  public Sessions(
      SessionStore store, Duration lifetime, InstantSource clock, MeterRegistry metrics) {}

  /** Opens a session, durably; completes with its token. */
  public CompletableFuture<String> open(long userId, String username) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not written yet"));
  }

  /** The session of a token, at once when cached; empty when unknown, expired or revoked. */
  public CompletableFuture<Optional<Session>> check(String token) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not written yet"));
  }

  /** Revokes; completes with false when the token was not valid. */
  public CompletableFuture<Boolean> close(String token) {
    return CompletableFuture.failedFuture(new UnsupportedOperationException("not written yet"));
  }

  /** A connection of this session is open: slides the expiry, written at most every lifetime / 24. */
  public void keepAlive(Session session) {}

  /** Who hears of sessions that end; set before the first one does. */
  public void onEnded(SessionEndListener listener) {}

  /** Ends what is due; called once a second, with work in proportion to what is due. */
  public void sweep() {}
}
