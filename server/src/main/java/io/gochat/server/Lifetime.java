package io.gochat.server;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long the process serves: until SIGTERM or SIGINT. Stateless. */
final class Lifetime {
  private static final Logger log = LoggerFactory.getLogger(Lifetime.class);

  private Lifetime() {}

  /** Blocks for as long as the server serves. A signal drains it and ends the process with status 0. */
  static int untilSignal(Server server) throws InterruptedException {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> drainAndExit(server), "gochat-stop"));
    server.awaitClosed();
    return 0;
  }

  private static void drainAndExit(Server server) {
    int status = 0;
    try {
      server.close();
    } catch (RuntimeException | Error e) {
      log.error("stopping failed", e);
      status = 1;
    }
    // The JVM would say 143 after SIGTERM; a clean stop is no failure.
    Runtime.getRuntime().halt(status);
  }
}
