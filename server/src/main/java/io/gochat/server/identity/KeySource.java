package io.gochat.server.identity;

import java.util.concurrent.CompletableFuture;

/** Where an issuer publishes its keys. Thread-safe; does not block. */
interface KeySource {
  /** What is published now; completes within seconds, one way or the other. */
  CompletableFuture<Fetched> fetch();

  /** For the log. */
  String name();

  /** What was there. */
  record Fetched(String json) {}
}
