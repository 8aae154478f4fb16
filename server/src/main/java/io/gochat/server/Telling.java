package io.gochat.server;

import io.gochat.server.clock.GuardedClock;
import io.gochat.server.cluster.NodePresence;
import io.gochat.server.config.WebhookConfig;
import io.gochat.server.messaging.Outbox;
import io.gochat.server.registry.ConnectedUsers;
import io.gochat.server.store.Store;
import io.gochat.server.webhook.UnusableException;
import io.gochat.server.webhook.WebhookOptions;
import io.gochat.server.webhook.Webhooks;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;
import java.util.function.LongPredicate;

/** Starts the webhooks, if somebody is to be told. Stateless. */
final class Telling {
  private Telling() {}

  /** Who is connected elsewhere; told among the nodes only where webhooks may ask. */
  static ConnectedUsers connectedUsers(WebhookConfig config, NodePresence nodes) {
    return config.file().isPresent() ? ConnectedUsers.over(nodes) : ConnectedUsers.unasked(nodes);
  }

  static Optional<Webhooks> start(
      WebhookConfig config,
      Store store,
      LongPredicate connected,
      GuardedClock clock,
      MeterRegistry meters)
      throws StartException {
    if (config.file().isEmpty()) {
      return Optional.empty();
    }
    Outbox outbox = store
        .outbox()
        .orElseThrow(() -> new StartException(
            "--webhooks does not work on a Redis Cluster: what is told must be written in one step with"
                + " the message. Use one Redis, or Sentinel."));
    try {
      return Optional.of(Webhooks.start(
          new WebhookOptions(config.file().get(), config.backlogBytes(), config.offlineAfter()),
          new Webhooks.Surroundings(
              outbox, store.positions(), connected, clock, meters, Version.text())));
    } catch (UnusableException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
