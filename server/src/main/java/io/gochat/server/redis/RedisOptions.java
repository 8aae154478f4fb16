package io.gochat.server.redis;

import io.gochat.server.messaging.Retention;
import java.time.Duration;

/**
 * How to open a {@link RedisStore}. Immutable.
 *
 * @param deployment which one, and where
 * @param nodeId this node's name, which no other may have at the same time; empty: it has none
 * @param retention of each topic
 * @param dedupeWindow how long a client message id is remembered, at least; at most twice as long
 * @param commandTimeout after which Redis counts as unreachable
 * @param waitForReplicas how many replicas must have acknowledged a batch before it is answered ({@code WAIT}); 0: none
 * @param waitTimeout how long they may take
 * @param queuedBytes publishes that wait for Redis
 */
public record RedisOptions(
    RedisDeployment deployment,
    String nodeId,
    Retention retention,
    Duration dedupeWindow,
    Duration commandTimeout,
    int waitForReplicas,
    Duration waitTimeout,
    long queuedBytes) {
  private static final long QUEUED_BYTES = 64L << 20;

  public RedisOptions {
    if (retention.age().toMillis() < 1 || dedupeWindow.toMillis() < 1) {
      throw new IllegalArgumentException("retention age, dedupe window: at least a millisecond");
    }
    if (commandTimeout.toMillis() < 1 || waitTimeout.toMillis() < 1) {
      throw new IllegalArgumentException("timeouts: at least a millisecond");
    }
    if (waitForReplicas < 0) {
      throw new IllegalArgumentException("waitForReplicas: 0 or more");
    }
  }

  /**
   * The defaults: 10,000 messages and 30 days per topic, 24 h of client message ids, 2 s, no {@code WAIT}.
   *
   * @throws IllegalArgumentException when it is no address of Redis
   */
  public static RedisOptions of(String uri) {
    return at(RedisDeployment.at(RedisAddress.parse(uri)));
  }

  /** Where it is. */
  RedisAddress address() {
    return deployment.address();
  }

  /** In front of the name of everything. */
  String prefix() {
    return deployment.prefix();
  }

  /** The defaults, as {@link #of}. */
  public static RedisOptions at(RedisDeployment deployment) {
    return new RedisOptions(
        deployment,
        "",
        Retention.DEFAULT,
        Duration.ofHours(24),
        Duration.ofSeconds(2),
        0,
        Duration.ofSeconds(1),
        QUEUED_BYTES);
  }

  /** With another prefix. */
  public RedisOptions withPrefix(String other) {
    return new RedisOptions(
        new RedisDeployment(deployment.address(), other, deployment.tls()),
        nodeId,
        retention,
        dedupeWindow,
        commandTimeout,
        waitForReplicas,
        waitTimeout,
        queuedBytes);
  }

  /** With a name for this node. */
  public RedisOptions withNodeId(String other) {
    return new RedisOptions(
        deployment,
        other,
        retention,
        dedupeWindow,
        commandTimeout,
        waitForReplicas,
        waitTimeout,
        queuedBytes);
  }

  /** With another retention. */
  public RedisOptions withRetention(Retention other) {
    return new RedisOptions(
        deployment,
        nodeId,
        other,
        dedupeWindow,
        commandTimeout,
        waitForReplicas,
        waitTimeout,
        queuedBytes);
  }

  /** With another time for which client message ids are remembered. */
  public RedisOptions withDedupeWindow(Duration other) {
    return new RedisOptions(
        deployment,
        nodeId,
        retention,
        other,
        commandTimeout,
        waitForReplicas,
        waitTimeout,
        queuedBytes);
  }

  /** With another timeout. */
  public RedisOptions withCommandTimeout(Duration other) {
    return new RedisOptions(
        deployment,
        nodeId,
        retention,
        dedupeWindow,
        other,
        waitForReplicas,
        waitTimeout,
        queuedBytes);
  }

  /** With {@code WAIT} for so many replicas. */
  public RedisOptions withWait(int replicas, Duration timeout) {
    return new RedisOptions(
        deployment,
        nodeId,
        retention,
        dedupeWindow,
        commandTimeout,
        replicas,
        timeout,
        queuedBytes);
  }

  /** With another bound on what waits for Redis. */
  public RedisOptions withQueuedBytes(long bytes) {
    return new RedisOptions(
        deployment,
        nodeId,
        retention,
        dedupeWindow,
        commandTimeout,
        waitForReplicas,
        waitTimeout,
        bytes);
  }

  /** Without the password that the address may carry. */
  @Override
  public String toString() {
    return "RedisOptions[" + deployment + "]";
  }
}
