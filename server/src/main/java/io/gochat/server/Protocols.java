package io.gochat.server;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.command.CommandLoops;
import io.gochat.server.command.CommandOptions;
import io.gochat.server.command.CommandServices;
import io.gochat.server.config.ChannelConfig;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.frame.FrameProtocol;
import io.gochat.server.http.HttpOptions;
import io.gochat.server.http.HttpProtocol;
import io.gochat.server.http.HttpServices;
import io.gochat.server.net.ConnectionProtocol;
import io.gochat.server.net.EventLoops;
import io.gochat.server.net.RefusalAnswers;
import io.gochat.server.websocket.WebSocketUpgrade;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** What the port speaks. Thread-safe. */
final class Protocols {
  private static final int MAX_UNANSWERED = 64;
  private static final Duration HELLO_WITHIN = Duration.ofSeconds(10);
  private static final Duration MOST_BETWEEN_KEEP_ALIVES = Duration.ofMinutes(1);
  private static final Duration DRAIN_SPREAD = Duration.ofSeconds(5);

  private final CommandLoops commands;
  private final FrameProtocol frames;
  private final HttpProtocol http;

  Protocols(
      ServerConfig config,
      Budgets budgets,
      CommandServices commandServices,
      HttpServices httpServices,
      EventLoops loops,
      InstantSource clock,
      MeterRegistry meters) {
    commands =
        new CommandLoops(commandServices, commandOptions(config), budgets, loops::timer, meters);
    frames = new FrameProtocol(commands, config.channels().maxFrameBytes());
    WebSocketUpgrade webSockets = new WebSocketUpgrade(
        commands, config.channels().maxTextBytes(), config.channels().maxFrameBytes());
    http = new HttpProtocol(
        httpOptions(config), httpServices, budgets, loops, clock, meters, List.of(webSockets));
  }

  /** In the order in which the sniffer asks them. */
  List<ConnectionProtocol> all() {
    return List.of(frames, http);
  }

  /** What the operators' own port speaks. */
  ConnectionProtocol operations() {
    return http.operations();
  }

  /** What those are told whom none of them takes. */
  RefusalAnswers answers() {
    return http.answers();
  }

  /** Nobody is welcome any more. */
  void drain() {
    commands.drain();
    http.drain();
  }

  private static CommandOptions commandOptions(ServerConfig config) {
    ChannelConfig channels = config.channels();
    // Sessions are rewritten every lifetime / 24 at most; looking more often than that is enough.
    Duration keepAlive = config.accounts().sessionTtl().dividedBy(24);
    return new CommandOptions(
        config.store().nodeId(),
        new CommandOptions.Bounds(channels.maxRoomsPerConnection(), MAX_UNANSWERED),
        new CommandOptions.Times(
            channels.heartbeat(),
            HELLO_WITHIN,
            channels.slowConsumerTimeout(),
            keepAlive.compareTo(MOST_BETWEEN_KEEP_ALIVES) < 0
                ? keepAlive
                : MOST_BETWEEN_KEEP_ALIVES,
            DRAIN_SPREAD));
  }

  private static HttpOptions httpOptions(ServerConfig config) {
    return new HttpOptions(
        config.channels().maxTextBytes(),
        HttpOptions.Times.DEFAULT.withIdleFor(config.network().httpIdle()),
        config.network().metricsToken().orElse(null),
        config.network().trustedProxies(),
        config.tls().plaintext(),
        config.network().allowedOrigins(),
        config.network().operations().isPresent());
  }
}
