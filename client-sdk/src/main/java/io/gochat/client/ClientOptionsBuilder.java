package io.gochat.client;

import io.gochat.protocol.Limits;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects {@link ClientOptions}. Each method checks what it is given. Not thread-safe. */
public final class ClientOptionsBuilder {
  /** The server answers no more publishes than these at once; beyond, it stops reading. */
  static final int MAX_UNANSWERED_PUBLISHES = 64;

  String host = "localhost";
  int port = 8080;
  List<ServerName> servers = List.of();

  @Nullable
  Credentials credentials;

  boolean register;
  String deviceId = "";
  String clientName = "gochat-java";
  AckMode ackMode = AckMode.AUTO;

  ClientTls.@Nullable Handlers tls;

  @Nullable
  EventLoopGroup eventLoops;

  Class<? extends SocketChannel> channelType = NioSocketChannel.class;

  @Nullable
  Executor listenerExecutor;

  @Nullable
  PositionStore positionStore;

  @Nullable
  Duration heartbeat;

  @Nullable
  Duration connectDeadline;

  Duration handshakeTimeout = Duration.ofSeconds(10);
  Duration publishExpiry = Duration.ofSeconds(60);
  Duration requestTimeout = Duration.ofSeconds(30);
  Duration backoffFirst = Duration.ofMillis(200);
  Duration backoffLongest = Duration.ofSeconds(30);
  int outboundQueue = 1_000;
  int inboundQueue = 256;
  int publishesInFlightPerTopic = 1;
  ClientMetrics metrics = CarefulMetrics.NONE;
  Environment environment = Environment.SYSTEM;

  ClientOptionsBuilder() {}

  /** The server's host name or address. Default: localhost. */
  public ClientOptionsBuilder host(String host) {
    require(!host.isBlank(), "the host is empty");
    this.host = host;
    return this;
  }

  /** The server's port. Default: 8080. */
  public ClientOptionsBuilder port(int port) {
    require(port > 0 && port < 65_536, "a port is 1 … 65535, not " + port);
    this.port = port;
    return this;
  }

  /**
   * Several servers of one deployment, as {@code host:port}, instead of host and port. One is picked at random; when it
   * cannot be had, or is lost, it is the turn of the next. Every address of each name is tried.
   */
  public ClientOptionsBuilder servers(List<String> hostsAndPorts) {
    require(!hostsAndPorts.isEmpty(), "no server is named");
    this.servers = hostsAndPorts.stream().map(ServerName::parse).toList();
    return this;
  }

  /** Identifies with a token from {@code /user/login}. When it ends, so does the client. */
  public ClientOptionsBuilder token(String token) {
    require(!token.isEmpty(), "the token is empty");
    this.credentials = new Credentials.Token(token);
    return this;
  }

  /**
   * Identifies with tokens that {@code tokens} obtains: one for the first connection, and a new one whenever the last has
   * ended. It may block. When it throws it is asked again later; when a new token is refused, the client ends.
   */
  public ClientOptionsBuilder token(Supplier<String> tokens) {
    this.credentials = new Credentials.Supplied(tokens);
    return this;
  }

  /** Logs in over HTTP on the same port, and again when the session has expired. */
  public ClientOptionsBuilder login(String username, String password) {
    require(!username.isEmpty() && !password.isEmpty(), "name and password must not be empty");
    this.credentials = new Credentials.Password(username, password, false);
    return this;
  }

  /** Whether the account is made, if there is none of this name. Default: no. */
  public ClientOptionsBuilder register(boolean register) {
    this.register = register;
    return this;
  }

  /**
   * A name for this installation, stable across restarts: the server then remembers what this very device was handed,
   * and a second connection of the same device replaces the first. Default: empty, an anonymous device.
   */
  public ClientOptionsBuilder deviceId(String deviceId) {
    int length = deviceId.codePointCount(0, deviceId.length());
    require(length <= Limits.MAX_DEVICE_ID_CHARS, "a device id has at most 64 characters");
    this.deviceId = deviceId;
    return this;
  }

  /** Name and version for the server's logs and metrics. Default: gochat-java. */
  public ClientOptionsBuilder clientName(String clientName) {
    this.clientName = clientName;
    return this;
  }

  /** When a message counts as handled. Default: {@link AckMode#AUTO}. */
  public ClientOptionsBuilder ackMode(AckMode ackMode) {
    this.ackMode = ackMode;
    return this;
  }

  /** Encrypts with TLS, trusting whom the JVM trusts. Default: plain TCP. */
  public ClientOptionsBuilder tls() {
    return tls(ClientTls.ofSystem());
  }

  /** Encrypts with TLS; fails where a file cannot be used. */
  public ClientOptionsBuilder tls(ClientTls tls) {
    this.tls = tls.handlers();
    return this;
  }

  /** Encrypts with a context of Netty's, as it is. */
  public ClientOptionsBuilder tls(SslContext tls) {
    this.tls = ClientTls.Handlers.of(tls);
    return this;
  }

  /**
   * An NIO event loop group to share; it is not shut down by the client. Default: one that all clients of the process
   * share, made with the first and released with the last.
   */
  public ClientOptionsBuilder eventLoops(EventLoopGroup eventLoops) {
    return eventLoops(eventLoops, NioSocketChannel.class);
  }

  /** As {@link #eventLoops(EventLoopGroup)}, for another transport. */
  public ClientOptionsBuilder eventLoops(
      EventLoopGroup eventLoops, Class<? extends SocketChannel> channelType) {
    this.eventLoops = eventLoops;
    this.channelType = channelType;
    return this;
  }

  /**
   * Where listeners are called and futures completed. It may be shared by any number of clients: one client occupies
   * at most one thread with listeners. {@code Runnable::run} means the event loop itself, which then must never be
   * blocked. Default: a small pool of daemon threads that all clients of the process share.
   */
  public ClientOptionsBuilder listenerExecutor(Executor executor) {
    this.listenerExecutor = executor;
    return this;
  }

  /** Keeps positions beyond the life of the process. Default: none. */
  public ClientOptionsBuilder positionStore(PositionStore store) {
    this.positionStore = store;
    return this;
  }

  /** Overrides the heartbeat that the server asks for. */
  public ClientOptionsBuilder heartbeat(Duration heartbeat) {
    this.heartbeat = positive(heartbeat, "heartbeat");
    return this;
  }

  /**
   * How long {@link ChatClient#connect} tries until it gives up and the client is closed as {@link
   * CloseReason#UNREACHABLE}. It does not limit later reconnects. Default: it tries for ever.
   */
  public ClientOptionsBuilder connectDeadline(Duration deadline) {
    this.connectDeadline = positive(deadline, "connect deadline");
    return this;
  }

  /** The most that one attempt's TCP connect, its login, or its handshake may take. Default: 10 s each. */
  public ClientOptionsBuilder handshakeTimeout(Duration timeout) {
    this.handshakeTimeout = positive(timeout, "handshake timeout");
    return this;
  }

  /** How long a publish is tried, across reconnects, until it fails as EXPIRED. Default: 60 s. */
  public ClientOptionsBuilder publishExpiry(Duration expiry) {
    this.publishExpiry = positive(expiry, "publish expiry");
    return this;
  }

  /** The same for joins, history and room info. Default: 30 s. */
  public ClientOptionsBuilder requestTimeout(Duration timeout) {
    this.requestTimeout = positive(timeout, "request timeout");
    return this;
  }

  /**
   * Reconnect delays are random between 0 and a bound that doubles from {@code first} to {@code longest}. Default: 200
   * ms to 30 s.
   */
  public ClientOptionsBuilder backoff(Duration first, Duration longest) {
    positive(first, "backoff");
    require(longest.compareTo(first) >= 0, "the longest backoff is shorter than the first");
    this.backoffFirst = first;
    this.backoffLongest = longest;
    return this;
  }

  /** How many publishes and other requests may wait for their answer; beyond, QUEUE_FULL. Default: 1,000. */
  public ClientOptionsBuilder outboundQueue(int requests) {
    require(requests > 0, "the outbound queue needs room");
    this.outboundQueue = requests;
    return this;
  }

  /**
   * How many messages may wait for the listeners; beyond, the socket is not read until they catch up (what one read
   * brought may exceed it). Default: 256.
   */
  public ClientOptionsBuilder inboundQueue(int messages) {
    require(messages > 0, "the inbound queue needs room");
    this.inboundQueue = messages;
    return this;
  }

  /**
   * How many publishes to one topic may be on the wire unanswered, 1 … 64. With 1, the default, publishes to a topic
   * are stored in the order in which they were made, whatever happens. With more they are faster, and a publish that
   * the server refuses for overload may be overtaken by those that were already on the wire behind it.
   */
  public ClientOptionsBuilder publishesInFlightPerTopic(int publishes) {
    require(publishes > 0 && publishes <= MAX_UNANSWERED_PUBLISHES, "1 … 64 publishes in flight");
    this.publishesInFlightPerTopic = publishes;
    return this;
  }

  /** Who hears what the client does, for counters and timers. Default: nobody. */
  public ClientOptionsBuilder metrics(ClientMetrics metrics) {
    this.metrics = metrics;
    return this;
  }

  /** Clock, timers and random numbers, for tests. */
  ClientOptionsBuilder environment(Environment environment) {
    this.environment = environment;
    return this;
  }

  /** The finished options; fails where there are neither token nor login. */
  public ClientOptions build() {
    Credentials given = credentials;
    if (given == null) {
      throw new IllegalArgumentException("a token, or a name and password, must be given");
    }
    if (given instanceof Credentials.Password login) {
      given = new Credentials.Password(login.username(), login.password(), register);
    }
    return new ClientOptions(this, given);
  }

  private static Duration positive(Duration duration, String what) {
    require(!duration.isZero() && !duration.isNegative(), what + " must be positive");
    return duration;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
