package io.gochat.server.config;

import io.gochat.server.redis.RedisAddress;
import io.gochat.server.redis.RedisDeployment;
import io.gochat.server.redis.RedisTls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where Redis is, for the server and the tools. Confined to the thread that parses. */
public final class RedisFlags {
  @Option(
      names = "--redis",
      paramLabel = "URI",
      description =
          "Keep everything in this Redis instead of the data directory, together with other"
              + " nodes: redis://, rediss://, redis-sentinel:// or redis-cluster://.")
  private @Nullable String redis;

  @Option(
      names = "--redis-prefix",
      paramLabel = "TEXT",
      defaultValue = "gochat:",
      description =
          "In front of all names in Redis, the same on all nodes; another one is another deployment.")
  private String redisPrefix = "";

  @Option(
      names = "--redis-tls-ca",
      paramLabel = "FILE",
      description =
          "PEM certificates of the authorities that may have signed that of a rediss:// Redis, instead of those that"
              + " Java knows.")
  private @Nullable Path redisTlsCa;

  @Option(
      names = "--redis-tls-cert",
      paramLabel = "FILE",
      description = "PEM chain of the certificate to show to a rediss:// Redis.")
  private @Nullable Path redisTlsCert;

  @Option(
      names = "--redis-tls-key",
      paramLabel = "FILE",
      description = "PEM of its key, PKCS#8, readable without a password.")
  private @Nullable Path redisTlsKey;

  /**
   * What was given; empty: nothing.
   *
   * @throws ConfigException with a sentence, when it does not hold together
   */
  public Optional<RedisDeployment> deployment() {
    if (!redisPrefix.matches("[!-z|~]{1,64}")) {
      throw new ConfigException(
          "--redis-prefix must be 1 to 64 printable characters, without spaces and braces.");
    }
    if (redis == null) {
      if (redisTlsCa != null || redisTlsCert != null || redisTlsKey != null) {
        throw new ConfigException("--redis-tls-… needs --redis.");
      }
      return Optional.empty();
    }
    return Optional.of(checked(redis));
  }

  /** As {@link #deployment}, where there must be one. */
  public RedisDeployment required() {
    return deployment().orElseThrow(() -> new ConfigException("--redis is needed."));
  }

  private RedisDeployment checked(String uri) {
    RedisAddress address;
    try {
      address = RedisAddress.parse(uri);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--redis " + e.getMessage() + ".");
    }
    if ((redisTlsCert == null) != (redisTlsKey == null)) {
      throw new ConfigException("--redis-tls-cert and --redis-tls-key need each other.");
    }
    RedisTls tls = new RedisTls(
        readable("--redis-tls-ca", redisTlsCa),
        readable("--redis-tls-cert", redisTlsCert),
        readable("--redis-tls-key", redisTlsKey));
    try {
      return new RedisDeployment(address, redisPrefix, tls);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--redis-tls-…: " + e.getMessage() + ".");
    }
  }

  private static Optional<Path> readable(String flag, @Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw new ConfigException(flag + ": " + file + " cannot be read.");
    }
    return Optional.ofNullable(file);
  }
}
