package io.gochat.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** What a {@link ChatClient} is built from; see {@link #builder} for the settings and defaults. Immutable. */
public final class ClientOptions {
  private final List<ServerName> servers;
  private final Credentials credentials;
  private final String deviceId;
  private final String clientName;
  private final AckMode ackMode;
  private final Optional<ClientTls.Handlers> tls;
  private final Optional<EventLoopGroup> eventLoops;
  private final Class<? extends SocketChannel> channelType;
  private final Optional<Executor> listenerExecutor;
  private final Optional<PositionStore> positionStore;
  private final Optional<Duration> heartbeat;
  private final Optional<Duration> connectDeadline;
  private final Duration handshakeTimeout;
  private final Duration publishExpiry;
  private final Duration requestTimeout;
  private final Duration backoffFirst;
  private final Duration backoffLongest;
  private final int outboundQueue;
  private final int inboundQueue;
  private final int publishesInFlightPerTopic;
  private final ClientMetrics metrics;
  private final Environment environment;

  ClientOptions(ClientOptionsBuilder from, Credentials credentials) {
    this.servers = from.servers.isEmpty()
        ? List.of(new ServerName(from.host, from.port))
        : List.copyOf(from.servers);
    this.credentials = credentials;
    this.deviceId = from.deviceId;
    this.clientName = from.clientName;
    this.ackMode = from.ackMode;
    this.tls = Optional.ofNullable(from.tls);
    this.eventLoops = Optional.ofNullable(from.eventLoops);
    this.channelType = from.channelType;
    this.listenerExecutor = Optional.ofNullable(from.listenerExecutor);
    this.positionStore = Optional.ofNullable(from.positionStore);
    this.heartbeat = Optional.ofNullable(from.heartbeat);
    this.connectDeadline = Optional.ofNullable(from.connectDeadline);
    this.handshakeTimeout = from.handshakeTimeout;
    this.publishExpiry = from.publishExpiry;
    this.requestTimeout = from.requestTimeout;
    this.backoffFirst = from.backoffFirst;
    this.backoffLongest = from.backoffLongest;
    this.outboundQueue = from.outboundQueue;
    this.inboundQueue = from.inboundQueue;
    this.publishesInFlightPerTopic = from.publishesInFlightPerTopic;
    this.metrics = new CarefulMetrics(from.metrics);
    this.environment = from.environment;
  }

  /** Starts with the defaults: localhost, port 8080, no credentials yet. */
  public static ClientOptionsBuilder builder() {
    return new ClientOptionsBuilder();
  }

  /** The host name or address of the server, or of the first of several. */
  public String host() {
    return servers.get(0).host();
  }

  /** Its port, for frames and HTTP alike. */
  public int port() {
    return servers.get(0).port();
  }

  /** One at least. */
  List<ServerName> servers() {
    return servers;
  }

  /** The device id; empty: anonymous. */
  public String deviceId() {
    return deviceId;
  }

  /** Name and version told to the server. */
  public String clientName() {
    return clientName;
  }

  /** When a message counts as handled. */
  public AckMode ackMode() {
    return ackMode;
  }

  /** How many requests may wait for their answer. */
  public int outboundQueue() {
    return outboundQueue;
  }

  /** How many messages may wait for the listeners before the socket is no longer read. */
  public int inboundQueue() {
    return inboundQueue;
  }

  Credentials credentials() {
    return credentials;
  }

  Optional<ClientTls.Handlers> tls() {
    return tls;
  }

  Optional<EventLoopGroup> eventLoops() {
    return eventLoops;
  }

  Class<? extends SocketChannel> channelType() {
    return channelType;
  }

  Optional<Executor> listenerExecutor() {
    return listenerExecutor;
  }

  Optional<PositionStore> positionStore() {
    return positionStore;
  }

  Optional<Duration> heartbeat() {
    return heartbeat;
  }

  Optional<Duration> connectDeadline() {
    return connectDeadline;
  }

  Duration handshakeTimeout() {
    return handshakeTimeout;
  }

  Duration publishExpiry() {
    return publishExpiry;
  }

  Duration requestTimeout() {
    return requestTimeout;
  }

  Duration backoffFirst() {
    return backoffFirst;
  }

  Duration backoffLongest() {
    return backoffLongest;
  }

  int publishesInFlightPerTopic() {
    return publishesInFlightPerTopic;
  }

  /** Throws nothing. */
  ClientMetrics metrics() {
    return metrics;
  }

  Environment environment() {
    return environment;
  }

  /** Everything that is no secret. */
  @Override
  public String toString() {
    return "ClientOptions[" + servers + ", " + credentials + ", device=" + deviceId + "]";
  }
}
