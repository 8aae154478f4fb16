package io.gochat.server;

import java.time.Duration;
import java.time.Instant;
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
        sinceProcessStart().toMillis() / 1_000.0,
        config.store().describe());
  }

  // From the start of the process, because that is what whoever started it waits for.
  private static Duration sinceProcessStart() {
    Instant now = Instant.now();
    Instant started = ProcessHandle.current().info().startInstant().orElse(now);
    return started.isAfter(now) ? Duration.ZERO : Duration.between(started, now);
  }
}
