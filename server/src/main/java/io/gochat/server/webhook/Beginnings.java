package io.gochat.server.webhook;

import io.gochat.server.messaging.Outbox;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Where endpoints begin in the outbox: where they were first heard of, also when it is another node that tells them.
 * Confined to the webhooks' loop, but for what {@link #made} returns.
 */
final class Beginnings {
  private final Outbox outbox;
  private final CompletableFuture<Void> made = new CompletableFuture<>();

  Beginnings(Outbox outbox) {
    this.outbox = outbox;
  }

  /** Gives these theirs, as far as they have none; where it fails they have none until this is called again. */
  void make(List<Endpoint> endpoints) {
    CompletableFuture<?>[] begins = endpoints.stream()
        .flatMap(
            endpoint -> endpoint.events().stream().map(type -> type.subscription(endpoint.name())))
        .map(outbox::begin)
        .toArray(CompletableFuture<?>[]::new);
    CompletableFuture.allOf(begins).whenComplete((done, failure) -> {
      if (failure == null) {
        areMade();
      }
    });
  }

  /** All endpoints have theirs, and what is published from now on is told. */
  void areMade() {
    made.complete(null);
  }

  /** Completes when all that there were first have theirs. */
  CompletableFuture<Void> made() {
    return made;
  }
}
