package io.gochat.server.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Connects to Redis and looks at its settings. Stateless. */
final class Opening {
  private static final Logger log = LoggerFactory.getLogger(Opening.class);
  private static final String WAY_OUT = "; start Redis, or correct --redis";

  private Opening() {}

  /** For a tool, of which nothing is measured. */
  static RedisLink connect(RedisOptions options, RedisLink.Listener listener)
      throws RedisOpenException {
    return connect(options, listener, CommandLatencyRecorder.disabled());
  }

  /** {@code times} hears how long each command took. */
  static RedisLink connect(
      RedisOptions options, RedisLink.Listener listener, CommandLatencyRecorder times)
      throws RedisOpenException {
    List<RedisURI> uris = uris(options);
    ClientResources resources = resources(times);
    RedisClient client = RedisClient.create(resources, uris.get(0));
    client.setOptions(clientOptions(options));
    try (StatefulRedisConnection<String, String> probe = probe(client, uris)) {
      RedisSettings settings = RedisSettings.read(probe.sync());
      settings.check();
      String durability = settings.durability(options.waitForReplicas());
      log.atLevel(settings.losesAtRestart() ? Level.WARN : Level.INFO).log(durability);
      if (settings.isCluster()) {
        client.shutdown(Duration.ZERO, Duration.ZERO);
        Keys keys = new Keys(options.prefix(), 0); // a cluster has no other database
        return ClusterLink.connect(resources, uris, options, keys, settings.isSharded(), listener);
      }
      Keys keys = new Keys(options.prefix(), uris.get(0).getDatabase());
      return StandaloneLink.connect(client, keys, settings.isSharded(), listener);
    } catch (RedisOpenException e) {
      abandon(client);
      throw e;
    } catch (RedisException e) {
      abandon(client);
      throw new RedisOpenException(
          "Redis at " + options.address() + " cannot be used: " + deepest(e).getMessage() + WAY_OUT,
          e);
    }
  }

  private static void abandon(RedisClient client) {
    client.shutdown(Duration.ZERO, Duration.ZERO);
    shutDown(client.getResources());
  }

  private static StatefulRedisConnection<String, String> probe(
      RedisClient client, List<RedisURI> uris) {
    RedisException last = new RedisException("no address");
    for (RedisURI uri : uris) {
      try {
        return client.connect(uri);
      } catch (RedisException e) {
        last = e;
      }
    }
    throw last;
  }

  // Lettuce takes one host in a plain URI; a cluster is found through any of several.
  private static List<RedisURI> uris(RedisOptions options) throws RedisOpenException {
    List<RedisURI> uris = new ArrayList<>();
    try {
      for (String uri : options.address().uris()) {
        uris.add(withTimeout(RedisURI.create(uri), options));
      }
    } catch (IllegalArgumentException e) {
      // Not as the cause: its message quotes the address, the password included.
      throw new RedisOpenException(
          "--redis: not a Redis URI, such as redis://host:6379: " + options.address());
    }
    return uris;
  }

  private static RedisURI withTimeout(RedisURI uri, RedisOptions options) {
    uri.setTimeout(options.commandTimeout());
    uri.setClientName(options.nodeId().isEmpty() ? "gochat" : "gochat:" + options.nodeId());
    return uri;
  }

  private static ClientResources resources(CommandLatencyRecorder times) {
    return ClientResources.builder()
        .commandLatencyRecorder(times)
        .ioThreadPoolSize(2)
        .computationThreadPoolSize(2)
        .reconnectDelay(Delay.exponential(
            Duration.ofMillis(20), Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS))
        .build();
  }

  static ClientOptions clientOptions(RedisOptions options) {
    return configure(ClientOptions.builder(), options).build();
  }

  /** Fails at once what cannot be sent, and never sends again what may have been carried out. */
  static <B extends ClientOptions.Builder> B configure(B builder, RedisOptions options) {
    Duration timeout = options.commandTimeout();
    builder
        .autoReconnect(true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(command -> true)
        .timeoutOptions(TimeoutOptions.enabled(timeout))
        .sslOptions(options.deployment().tls().options())
        .socketOptions(SocketOptions.builder()
            .connectTimeout(timeout)
            .keepAlive(SocketOptions.KeepAliveOptions.builder()
                .enable()
                .idle(Duration.ofSeconds(5))
                .interval(Duration.ofSeconds(2))
                .count(3)
                .build())
            .tcpUserTimeout(SocketOptions.TcpUserTimeoutOptions.builder()
                .enable()
                .tcpUserTimeout(Duration.ofSeconds(10))
                .build())
            .build());
    return builder;
  }

  /** Stops the client's threads; they are not the client's own, so its shutdown leaves them. */
  static void shutDown(ClientResources resources) {
    resources.shutdown(0, 1, TimeUnit.SECONDS);
  }

  private static Throwable deepest(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
