package io.gochat.server.admin;

import java.util.concurrent.CompletableFuture;

/** Copies of a store that goes on running. Thread-safe; does not block. */
@FunctionalInterface
public interface Backups {
  /**
   * Makes one; completes with its name, or exceptionally with a {@link io.gochat.server.failure.RefusedException} that
   * says why there can be none.
   */
  CompletableFuture<String> make();
}
