package io.gochat.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.gochat.server.config.NetworkConfig;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the operating system lets this process have open: each connection is a file to it. Immutable.
 *
 * @param limit at most so many files
 * @param open so many are open now, connections not counted
 */
record OpenFiles(long limit, long open) {
  /** What the store and the rest of the process may still open. */
  static final int RESERVED = 512;

  private static final int OPEN_AT_THE_START = 64;
  private static final int FEW = 10_000;

  /** As it is, without connections; empty where the system does not tell. */
  static Optional<OpenFiles> now() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
        ? Optional.of(
            new OpenFiles(system.getMaxFileDescriptorCount(), system.getOpenFileDescriptorCount()))
        : Optional.empty();
  }

  /**
   * Why no server can start; empty: it can, or the system does not tell. Asks the kernel and not the JVM, whose answer
   * takes as long as a part of the start.
   */
  static Optional<String> refusal() {
    try (Stream<String> limits = Files.lines(Path.of("/proc/self/limits"))) {
      return limits
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.substring("Max open files".length()).strip().split(" +", 2)[0])
          .filter(limit -> limit.matches("[0-9]{1,18}"))
          .mapToLong(Long::parseLong)
          .filter(limit -> limit <= RESERVED + OPEN_AT_THE_START)
          .mapToObj(limit -> "The open-files limit of " + limit
              + " leaves no room for a single connection: the store and the process itself need up to "
              + (RESERVED + OPEN_AT_THE_START)
              + ". Raise it (ulimit -n, LimitNOFILE) and start again.")
          .findFirst();
    } catch (IOException | UncheckedIOException e) {
      return Optional.empty();
    }
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
