package io.gochat.server.session;

import io.gochat.server.failure.RefusedException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Tokens that somebody else issued. Thread-safe; does not block. */
public interface ExternalTokens {
  /** Nobody else's tokens are accepted. */
  ExternalTokens NONE = new ExternalTokens() {
    @Override
    public boolean mayBe(String token) {
      return false;
    }

    @Override
    public CompletableFuture<Optional<Session>> verify(String token, String sessionId) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
  };

  /** Whether it looks like one; what does not is never verified. */
  boolean mayBe(String token);

  /**
   * The session that the token stands for, with this id. Empty: it is not valid. Completes exceptionally with
   * a {@link RefusedException} where there is something that its bearer should be told, and with
   * {@link java.util.concurrent.RejectedExecutionException} where it cannot be verified now.
   */
  CompletableFuture<Optional<Session>> verify(String token, String sessionId);
}
