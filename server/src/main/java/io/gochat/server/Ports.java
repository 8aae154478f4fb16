package io.gochat.server;

import io.gochat.server.config.HostAndPort;
import io.gochat.server.config.NetworkConfig;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.net.ConnectionLimiter;
import io.gochat.server.net.ConnectionProtocol;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.Listener;
import io.gochat.server.net.PortOptions;
import io.gochat.server.tls.Certificates;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/** Opens the port, and the operators' own where there is one. Immutable. */
final class Ports {
  /** Probes and scrapes; an operator's browser. */
  private static final int OPERATIONS_CONNECTIONS = 256;

  private final ServerConfig config;
  private final Protocols protocols;
  private final EventLoops loops;
  private final MeterRegistry meters;

  Ports(ServerConfig config, Protocols protocols, EventLoops loops, MeterRegistry meters) {
    this.config = config;
    this.protocols = protocols;
    this.loops = loops;
    this.meters = meters;
  }

  /** The port; with certificates it speaks TLS as well. */
  Listener open(Optional<Certificates> certificates, ConnectionLimiter limiter)
      throws StartException {
    NetworkConfig network = config.network();
    PortOptions options = new PortOptions(
        network.trustedProxies(),
        certificates.orElse(null),
        config.tls().plaintext(),
        protocols.answers());
    return listen(
        new HostAndPort(network.host(), network.port()),
        "--host",
        "--host or --port",
        protocols.all(),
        options,
        limiter);
  }

  /**
   * The operators' port, plain and with a connection limit of its own; to be closed after the drain, in which it says
   * that this node is not ready.
   */
  Optional<Listener> operations() throws StartException {
    Optional<HostAndPort> address = config.network().operations();
    if (address.isEmpty()) {
      return Optional.empty();
    }
    String flag = "--operations-address";
    return Optional.of(listen(
        address.get(),
        flag,
        flag,
        List.of(protocols.operations()),
        PortOptions.PLAIN,
        ConnectionLimiter.ofOperations(OPERATIONS_CONNECTIONS, meters)));
  }

  private Listener listen(
      HostAndPort at,
      String hostFlag,
      String flags,
      List<ConnectionProtocol> spoken,
      PortOptions options,
      ConnectionLimiter limiter)
      throws StartException {
    InetSocketAddress address = new InetSocketAddress(at.host(), at.port());
    if (address.isUnresolved()) {
      throw new StartException(hostFlag + "=" + at.host() + " is no address of this machine.");
    }
    try {
      return Listener.open(loops, address, spoken, options, limiter, meters);
    } catch (IOException e) {
      throw new StartException("The server " + e.getMessage() + ". Give another " + flags + ".", e);
    }
  }
}
