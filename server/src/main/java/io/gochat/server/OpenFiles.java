package io.gochat.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.gochat.server.config.NetworkConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import java.util.Optional;

/**
 * What the operating system lets this process have open: each connection is a file to it. Immutable.
 *
 * @param limit at most so many files
 * @param open so many are open now, connections not counted
 */
record OpenFiles(long limit, long open) {
  /** What the store and the rest of the process may still open. */
  static final int RESERVED = 512;

  private static final int FEW = 10_000;

  /** As it is, without connections; empty where the system does not tell. */
  static Optional<OpenFiles> now() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        ? Optional.of(
            new OpenFiles(system.getMaxFileDescriptorCount(), system.getOpenFileDescriptorCount()))
        : Optional.empty();
  }

  /** So many connections have room. */
  long room() {
    return Math.max(0, limit - open - RESERVED);
  }

  /** What {@code --max-connections} comes to; 0 of it: no limit of its own. */
  long allowed(int maxConnections) {
    return maxConnections == 0 ? room() : Math.min(maxConnections, room());
  }

  /** What to say of it; empty: there is room for what was asked for, or for a lot more than most servers see. */
  Optional<String> warning(int maxConnections) {
    boolean isDefault = maxConnections == NetworkConfig.DEFAULT_MAX_CONNECTIONS;
    int wanted = isDefault ? FEW : maxConnections;
    if (wanted <= room()) {
      return Optional.empty();
    }
    return Optional.of("the open-files limit of " + limit + " leaves room for " + room()
        + " connections; for more, raise it (ulimit -n, LimitNOFILE)");
  }

  /** Shows what has room as a gauge. */
  void bindTo(MeterRegistry meters, int maxConnections) {
    long allowed = allowed(maxConnections);
    Gauge.builder("gochat.connections.allowed", () -> allowed)
        .description("Connections that --max-connections and the open-files limit both allow")
        .register(meters);
  }
}
