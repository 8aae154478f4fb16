package io.gochat.server.webhook;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLParameters;

/**
 * Sends events by HTTP/1.1, one request at a time on each connection, which is used again. Confined to its event loop.
 *
 * <p>Bounded in time (15 s for all of a try, the look-up included) and in bytes (64 KB of an answer). Redirections are
 * not followed: they are answers like any other.
 */
final class HttpSender implements Sender {
  static final long TIMEOUT_MS = 15_000;
  private static final long IDLE_MS = 20_000;
  private static final int MAX_LINE = 4_096;
  private static final int MAX_HEADERS = 16_384;
  private static final int MAX_CHUNK = 8_192;

  private final EventLoop loop;
  private final Class<? extends Channel> channelType;
  private final NameLookup lookup;
  private final SslContext tls;
  private final LongSupplier wallMs;
  private final LongSupplier monotonicMs;
  private final String agent;
  private final Map<Endpoint, Target> targets = new HashMap<>();
  private final Set<EndpointConnection> connections = new HashSet<>();
  private final Set<Try> connecting = new HashSet<>();

  /** What is needed of the process. */
  record Surroundings(
      EventLoop loop,
      Class<? extends Channel> channelType,
      NameLookup.Names names,
      SslContext tls,
      LongSupplier wallMs,
      LongSupplier monotonicMs,
      String version) {}

  HttpSender(Surroundings around) {
    this.loop = around.loop();
    this.channelType = around.channelType();
    this.lookup = new NameLookup(around.names());
    this.tls = around.tls();
    this.wallMs = around.wallMs();
    this.monotonicMs = around.monotonicMs();
    this.agent = "gochat/" + around.version();
  }

  /** What is made once for an endpoint. */
  private static final class Target {
    final Deque<EndpointConnection> idle = new ArrayDeque<>();
    final List<Secret> secrets;
    final byte[] head;

    Target(Endpoint endpoint, String agent) {
      secrets = endpoint.secrets().stream().map(Secret::parse).toList();
      boolean isDefaultPort = endpoint.port() == (endpoint.isTls() ? 443 : 80);
      String host = endpoint.url().getHost() + (isDefaultPort ? "" : ":" + endpoint.port());
      head = ("POST " + endpoint.target() + " HTTP/1.1\r\nhost: " + host + "\r\nuser-agent: "
              + agent + "\r\naccept: */*\r\ncontent-type: application/json\r\nwebhook-id: ")
          .getBytes(StandardCharsets.US_ASCII);
    }
  }

  /** A try that has no connection yet. */
  private final class Try {
    final Endpoint endpoint;
    final Event event;
    final Consumer<Outcome> answer;
    final long deadlineMs;
    private boolean isOver;

    Try(Endpoint endpoint, Event event, Consumer<Outcome> answer, long deadlineMs) {
      this.endpoint = endpoint;
      this.event = event;
      this.answer = answer;
      this.deadlineMs = deadlineMs;
    }

    void finish(Outcome outcome) {
      connecting.remove(this);
      if (!isOver) {
        isOver = true;
        answer.accept(outcome);
      }
    }

    /** From here on the connection answers. */
    boolean handOver() {
      connecting.remove(this);
      boolean wasOver = isOver;
      isOver = true;
      return !wasOver;
    }
  }

  @Override
  public void send(Endpoint endpoint, Event event, Consumer<Outcome> answer) {
    assert loop.inEventLoop();
    long deadlineMs = monotonicMs.getAsLong() + TIMEOUT_MS;
    Target target = target(endpoint);
    EndpointConnection kept = target.idle.pollLast();
    while (kept != null && !kept.isUsable()) {
      kept = target.idle.pollLast();
    }
    if (kept == null) {
      connect(new Try(endpoint, event, answer, deadlineMs));
      return;
    }
    EndpointConnection.Request request = new EndpointConnection.Request(
        deadlineMs,
        // It was closed while nobody looked, and the endpoint did not begin to answer.
        () -> connect(new Try(endpoint, event, answer, deadlineMs)),
        answer);
    kept.send(request, encoded(kept.channel(), target, event));
  }

  private Target target(Endpoint endpoint) {
    return targets.computeIfAbsent(endpoint, made -> new Target(made, agent));
  }

  private void connect(Try attempt) {
    connecting.add(attempt);
    lookup
        .of(attempt.endpoint)
        .whenComplete((address, failure) -> loop.execute(() -> {
          if (failure != null) {
            attempt.finish(lookupFailed(failure));
          } else if (!attempt.isOver) {
            connect(attempt, address);
          }
        }));
  }

  private static Outcome lookupFailed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
    if (cause instanceof NameLookup.ForbiddenException) {
      return Outcome.failed(Outcome.Kind.FORBIDDEN_ADDRESS, String.valueOf(cause.getMessage()));
    }
    return Outcome.failed(
        Outcome.Kind.UNREACHABLE,
        cause instanceof UnknownHostException
            ? "unknown host " + cause.getMessage()
            : "no look-up: " + cause);
  }

  private void connect(Try attempt, InetAddress address) {
    Endpoint endpoint = attempt.endpoint;
    EndpointConnection connection = new EndpointConnection(this::release, connections::remove);
    // The address that was checked, not the name: nobody looks it up again.
    ChannelFuture connected = new Bootstrap()
        .group(loop)
        .channel(channelType)
        .option(ChannelOption.TCP_NODELAY, true)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) TIMEOUT_MS)
        .handler(new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            if (endpoint.isTls()) {
              channel.pipeline().addLast(tlsHandler(channel, endpoint));
            }
            channel
                .pipeline()
                .addLast(new HttpResponseDecoder(MAX_LINE, MAX_HEADERS, MAX_CHUNK), connection);
          }
        })
        .connect(new InetSocketAddress(address, endpoint.port()));
    connection.endpoint(endpoint);
    connected.addListener(done -> {
      if (!done.isSuccess()) {
        attempt.finish(
            Outcome.failed(Outcome.Kind.UNREACHABLE, String.valueOf(done.cause().getMessage())));
      } else if (attempt.handOver()) {
        connections.add(connection);
        connection.send(
            new EndpointConnection.Request(attempt.deadlineMs, null, attempt.answer),
            encoded(connected.channel(), target(endpoint), attempt.event));
      } else {
        connected.channel().close();
      }
    });
  }

  private SslHandler tlsHandler(Channel channel, Endpoint endpoint) {
    SslHandler handler = tls.newHandler(channel.alloc(), endpoint.host(), endpoint.port());
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    handler.engine().setSSLParameters(parameters);
    handler.setHandshakeTimeoutMillis(TIMEOUT_MS);
    return handler;
  }

  /** One buffer, which the caller writes and so gives away. */
  private ByteBuf encoded(Channel channel, Target target, Event event) {
    long timestamp = wallMs.getAsLong() / 1_000;
    StringBuilder rest = new StringBuilder(256)
        .append(event.id())
        .append("\r\nwebhook-timestamp: ")
        .append(timestamp)
        .append("\r\nwebhook-signature: ");
    for (int i = 0; i < target.secrets.size(); i++) {
      rest.append(i == 0 ? "" : " ")
          .append(target.secrets.get(i).sign(event.id(), timestamp, event.body()));
    }
    rest.append("\r\ncontent-length: ").append(event.body().length).append("\r\n\r\n");
    ByteBuf buffer =
        channel.alloc().directBuffer(target.head.length + rest.length() + event.body().length);
    buffer.writeBytes(target.head);
    ByteBufUtil.writeAscii(buffer, rest);
    return buffer.writeBytes(event.body());
  }

  private void release(EndpointConnection connection) {
    Target target = targets.get(connection.endpoint());
    if (target == null) {
      connection.channel().close();
    } else {
      connection.idleSince(monotonicMs.getAsLong());
      target.idle.addLast(connection);
    }
  }

  @Override
  public void tick() {
    long nowMs = monotonicMs.getAsLong();
    for (Try attempt : new ArrayList<>(connecting)) {
      if (nowMs >= attempt.deadlineMs) {
        attempt.finish(Outcome.failed(Outcome.Kind.TIMEOUT, "no connection within 15 s"));
      }
    }
    for (EndpointConnection connection : new ArrayList<>(connections)) {
      connection.tick(nowMs, IDLE_MS);
    }
  }

  @Override
  public void forget(Endpoint endpoint) {
    Target target = targets.remove(endpoint);
    if (target != null) {
      target.idle.forEach(connection -> connection.channel().close());
    }
  }

  @Override
  public void close() {
    lookup.close();
    new ArrayList<>(connections).forEach(connection -> connection.channel().close());
  }
}
