package io.gochat.server;

import com.sun.management.UnixOperatingSystemMXBean;
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

  /** Why the flag promises too much; empty: it does not. */
  Optional<String> warning(int maxConnections) {
    if (maxConnections <= room() && maxConnections != 0) {
      return Optional.empty();
    }
    return Optional.of("the open-files limit of " + limit + " leaves room for some " + room()
        + " connections, and --max-connections="
        + maxConnections
        + (maxConnections == 0 ? " sets no bound" : " is more")
        + ": raise the limit (ulimit -n, LimitNOFILE) or lower the flag,"
        + " or connections beyond it are neither taken nor refused");
  }

  /** Shows what has room as a gauge. */
  void bindTo(MeterRegistry meters, int maxConnections) {
    long allowed = allowed(maxConnections);
    Gauge.builder("gochat.connections.allowed", () -> allowed)
        .description("Connections that --max-connections and the open-files limit both allow")
        .register(meters);
  }
}
