package io.gochat.server.redis;

/**
 * Which deployment on which Redis. Immutable.
 *
 * @param address {@code redis://host:port/db}, {@code rediss://…}, {@code redis-sentinel://host:port,host:port/db#master};
 *     a node of a cluster is recognised as one, and several may be given: {@code redis://host:port,host:port}
 * @param prefix in front of the name of everything, so that several deployments can share one Redis
 * @param tls for {@code rediss://}
 */
public record RedisDeployment(RedisAddress address, String prefix, RedisTls tls) {
  /** Under the default prefix, with what Java knows of TLS. */
  public static RedisDeployment at(RedisAddress address) {
    return new RedisDeployment(address, Keys.DEFAULT_PREFIX, RedisTls.NONE);
  }

  public RedisDeployment {
    if (tls.isGiven() && !address.isTls()) {
      throw new IllegalArgumentException("certificates are for rediss://");
    }
  }

  /** The address, without user and password. */
  @Override
  public String toString() {
    return address.toString();
  }
}
