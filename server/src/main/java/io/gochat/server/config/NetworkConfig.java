package io.gochat.server.config;

import io.gochat.server.net.AllowedOrigins;
import io.gochat.server.net.Transport;
import io.gochat.server.net.TrustedProxies;
import java.time.Duration;
import java.util.Optional;

/**
 * The port and who may use it. Immutable.
 *
 * @param host the address to listen on
 * @param port 0: the system picks one
 * @param transport how event loops talk to the kernel
 * @param eventLoops 0: one per core
 * @param maxConnections 0: no limit
 * @param maxConnectionsPerAddress of one client address; 0: no limit
 * @param trustedProxies who is believed about a client's address
 * @param allowedOrigins which web sites' scripts may use this server
 * @param operations where the operators' own port is; empty: their endpoints are on the port
 * @param page whether browsers are shown a chat
 * @param metricsToken who shows it may read the metrics, from anywhere; empty: loopback may
 * @param httpIdle an HTTP connection without a request is closed after this
 */
public record NetworkConfig(
    String host,
    int port,
    Transport transport,
    int eventLoops,
    int maxConnections,
    int maxConnectionsPerAddress,
    TrustedProxies trustedProxies,
    AllowedOrigins allowedOrigins,
    Optional<String> metricsToken,
    Optional<HostAndPort> operations,
    boolean page,
    Duration httpIdle) {
  /** Open connections where nothing else is asked for. */
  public static final int DEFAULT_MAX_CONNECTIONS = 100_000;

  @Override
  public String toString() {
    return "NetworkConfig[" + host + ":" + port + "]"; // the metrics token stays out of logs
  }
}
