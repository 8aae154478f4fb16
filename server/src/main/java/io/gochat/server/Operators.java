package io.gochat.server;

import io.gochat.server.admin.Administration;
import io.gochat.server.admin.AuditLog;
import io.gochat.server.admin.NodeView;
import io.gochat.server.clock.GuardedClock;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.messaging.Messaging;
import io.gochat.server.registry.ConnectionRegistry;
import io.gochat.server.registry.RoomPresence;
import io.gochat.server.store.Store;
import io.gochat.server.webhook.Webhooks;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes what operators and programs may do to this node. Stateless. */
final class Operators {
  private Operators() {}

  static Administration administration(
      ServerConfig config,
      Store store,
      Users users,
      Messaging messaging,
      ConnectionRegistry registry,
      RoomPresence presence,
      Optional<Webhooks> webhooks,
      GuardedClock clock) {
    return new Administration(new Administration.Services(
        config.store().nodeId(),
        users.accounts(),
        users.sessions(),
        messaging,
        registry,
        presence,
        new StoreBackups(config.admin().backupDir(), store.copy(), clock, Thread::new),
        new AuditLog(clock),
        webhooks,
        node(config, users, registry, clock)));
  }

  private static Supplier<NodeView> node(
      ServerConfig config, Users users, ConnectionRegistry registry, GuardedClock clock) {
    long startedMs = clock.monotonicMillis();
    String version = Version.text();
    Map<String, String> settings = config.settings();
    return () -> new NodeView(
        config.store().nodeId(),
        version,
        clock.monotonicMillis() - startedMs,
        settings,
        Map.of(
            "connections",
            (long) registry.size(),
            "api_keys",
            (long) users.keys().size(),
            "heap_used_bytes",
            Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(),
            "heap_max_bytes",
            Runtime.getRuntime().maxMemory()));
  }
}
