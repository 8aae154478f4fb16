package io.gochat.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long the process serves: until SIGTERM or SIGINT. Stateless. */
final class Lifetime {
  private static final Logger log = LoggerFactory.getLogger(Lifetime.class);

  private Lifetime() {}

  /** From here on a signal drains the server, and ends the process with status 0. */
  static void endWithSignal(Server server) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> drainAndExit(server), "gochat-stop"));
  }

  /** Blocks for as long as the server serves; a server that ends by itself has failed: status 1. */
  static int untilClosed(Server server) throws InterruptedException {
    server.awaitClosed();
    return status(server);
  }

  private static int status(Server server) {
    return server.hasFailed() ? 1 : 0;
  }

  private static void drainAndExit(Server server) {
    int status;
    try {
      server.close();
      status = status(server);
    } catch (RuntimeException | Error e) {
      log.error("stopping failed", e);
      status = 1;
    }
    // The JVM would say 143 after SIGTERM; a clean stop is no failure.
    Runtime.getRuntime().halt(status);
  }
}
