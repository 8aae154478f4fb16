package io.gochat.server;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.command.CommandServices;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.EventLoops;
import io.gochat.server.store.Store;

/**
 * What a node is made of, once it serves. Thread-safe.
 *
 * @param loops where connections live
 * @param store where everything is kept
 * @param users who there is and who is signed in
 * @param services what commands use
 * @param budgets what may wait
 * @param protocols what the port speaks
 * @param limiter how many connections there may be
 */
record Running(
    EventLoops loops,
    Store store,
    Users users,
    CommandServices services,
    Budgets budgets,
    Protocols protocols,
    ConnectionLimiter limiter) {
  /** Takes over what of these settings can change while it serves. */
  void take(ServerConfig next) {
    users.take(next.accounts());
    services
        .messaging()
        .limitPublishes(next.publishing().perSecond(), next.publishing().burst());
    limiter.limitPerAddress(next.network().maxConnectionsPerAddress());
    store.boundDisk(next.store().maxDiskBytes(), next.store().minFreeDiskBytes());
  }
}
