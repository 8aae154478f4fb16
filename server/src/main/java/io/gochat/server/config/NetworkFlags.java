package io.gochat.server.config;

import io.gochat.server.net.AllowedOrigins;
import io.gochat.server.net.Transport;
import io.gochat.server.net.TrustedProxies;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about the port. Filled by picocli, then read once. */
final class NetworkFlags {
  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "0.0.0.0",
      description = "Address to listen on.")
  private String host = "";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description =
          "Port for everything: HTTP, WebSocket, frames and the page, and TLS with --tls-cert; 0 picks a free one.")
  private int port;

  @Option(
      names = "--transport",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, epoll or nio; auto takes epoll where there is one.")
  private Transport transport = Transport.AUTO;

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads that serve connections; 0: one per core.")
  private int eventLoops;

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      defaultValue = "" + NetworkConfig.DEFAULT_MAX_CONNECTIONS,
      description =
          "Open connections; the next one is closed at once. Of them 32 are kept for health checks from this machine,"
              + " unless there is an --operations-address. 0:"
              + " as many as memory and the open-files limit have room for, which bound any other number too.")
  private int maxConnections;

  @Option(
      names = "--max-connections-per-address",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Open connections of one client address, as a trusted proxy's PROXY header tells it. 0: no limit."
              + FlagDefaults.RELOADED)
  private int maxConnectionsPerAddress;

  @Option(
      names = "--trusted-proxies",
      paramLabel = "NETWORK",
      split = ",",
      description = "Addresses or networks (10.0.0.0/8,::1) whose PROXY protocol header and"
          + " X-Forwarded-For are believed. None by default.")
  private List<String> trustedProxies = List.of();

  @Option(
      names = "--allowed-origins",
      paramLabel = "ORIGIN",
      split = ",",
      defaultValue = "*",
      description = "Web sites (https://chat.example.org) whose scripts may use this server, over"
          + " HTTP and WebSocket. *: all.")
  private List<String> allowedOrigins = List.of("*");

  @Option(
      names = "--metrics-token",
      paramLabel = "TOKEN",
      description =
          "Who shows it as Bearer token may read /metrics, nobody else; without it, loopback only.")
  private @Nullable String metricsToken;

  @Option(
      names = "--operations-address",
      paramLabel = "HOST:PORT",
      description =
          "A second, plain port for /healthz, /livez, /readyz, /metrics and /admin/v1 alone, which are then"
              + " not on the port. Whoever reaches it may read /metrics, unless there is a --metrics-token.")
  private @Nullable String operations;

  @Option(
      names = "--page",
      paramLabel = "on|off",
      defaultValue = "on",
      description = "Whether browsers are shown a chat at /, and served its files.")
  private String page = "";

  @Option(
      names = "--http-idle",
      paramLabel = "TIME",
      defaultValue = "75s",
      converter = Quantity.OfTime.class,
      description =
          "An HTTP connection without a request is closed after this long; more than a proxy in front keeps"
              + " its own.")
  private Duration httpIdle = Duration.ZERO;

  NetworkConfig config() {
    String unavailable = transport.unavailableBecause();
    if (unavailable != null) {
      throw new ConfigException(
          "--transport=" + transport.word() + " is not available here: " + unavailable + ".");
    }
    return new NetworkConfig(
        Check.notBlank("--host", host),
        Check.range("--port", port, 0, 65_535),
        transport,
        Check.range("--event-loops", eventLoops, 0, 64),
        Check.range("--max-connections", maxConnections, 0, Integer.MAX_VALUE),
        Check.range(
            "--max-connections-per-address", maxConnectionsPerAddress, 0, Integer.MAX_VALUE),
        proxies(),
        origins(),
        Optional.ofNullable(metricsToken).map(token -> Check.notBlank("--metrics-token", token)),
        Optional.ofNullable(operations)
            .map(text -> HostAndPort.parse("--operations-address", text)),
        Check.onOrOff("--page", page),
        Check.atLeast("--http-idle", httpIdle, Duration.ofSeconds(1)));
  }

  private AllowedOrigins origins() {
    try {
      return AllowedOrigins.parse(allowedOrigins);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--allowed-origins: " + e.getMessage() + ".");
    }
  }

  private TrustedProxies proxies() {
    try {
      return TrustedProxies.parse(
          trustedProxies.stream().filter(entry -> !entry.isBlank()).toList());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--trusted-proxies: " + e.getMessage() + ".");
    }
  }
}
