package io.gochat.server;

import io.gochat.server.config.ServerConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;

/** The one line on standard output that says that the server serves; tools wait for it. Stateless. */
final class ReadyLine {
  private ReadyLine() {}

  static String of(ServerConfig config, int port) {
    return String.format(
        Locale.ROOT,
        "gochat ready on %s:%d in %.3f s (store: %s)",
        config.network().host(),
        port,
        sinceStart().toMillis() / 1_000.0,
        config.store().describe());
  }

  // The JVM's start and not the process's: the launcher's
  // shell, which may have built first, became this process.
  private static Duration sinceStart() {
    long startedMs = ManagementFactory.getRuntimeMXBean().getStartTime();
    return Duration.ofMillis(Math.max(0, System.currentTimeMillis() - startedMs));
  }
}
