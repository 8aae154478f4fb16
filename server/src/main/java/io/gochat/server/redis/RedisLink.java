package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections to Redis, whatever its topology. Thread-safe; nothing blocks but {@link #close}. Commands that are
 * given while Redis is unreachable fail at once; a command that was under way when a connection broke fails and is
 * never sent again, because nobody knows whether it was carried out.
 */
abstract sealed class RedisLink permits ClusterLink, StandaloneLink {
  private final AbstractRedisClient client;
  private final Keys keys;
  private final boolean sharded;
  private final AtomicInteger generation;
  private final Lines lines;

  /**
   * One connection per purpose, so that none waits for another's answers.
   *
   * @param commands for reads and single writes
   * @param commits for the committer
   * @param waiting for reads that wait in Redis
   */
  record Lines(Line commands, Line commits, Line waiting) {}

  /** A connection and what it understands. */
  record Line(
      StatefulConnection<byte[], byte[]> connection,
      RedisClusterAsyncCommands<byte[], byte[]> commands) {}

  /** Takes {@code client} over; {@code generation} is counted up with every connection that is made. */
  RedisLink(
      AbstractRedisClient client,
      Keys keys,
      boolean sharded,
      AtomicInteger generation,
      Lines lines) {
    this.client = client;
    this.keys = keys;
    this.sharded = sharded;
    this.generation = generation;
    this.lines = lines;
  }

  /** The names of everything here. */
  final Keys keys() {
    return keys;
  }

  /** For reads and single writes. */
  final RedisClusterAsyncCommands<byte[], byte[]> commands() {
    return lines.commands.commands;
  }

  /** For the committer alone, whose order matters. */
  final RedisClusterAsyncCommands<byte[], byte[]> commits() {
    return lines.commits.commands;
  }

  /** For reads that wait in Redis. */
  final RedisClusterAsyncCommands<byte[], byte[]> waiting() {
    return lines.waiting.commands;
  }

  /** Whether topics live on several masters. */
  abstract boolean isCluster();

  /** What tells the master of this topic from others. */
  abstract Object masterOf(Topic topic);

  /** How many replicas have what was written through {@link #commits} to these keys: the least of all masters. */
  abstract CompletionStage<Long> waitForReplicas(
      Collection<byte[]> keys, int replicas, Duration timeout);

  /** Completes when the channel is subscribed. */
  abstract CompletionStage<Void> subscribe(byte[] channel);

  /** Ends a subscription. */
  abstract void unsubscribe(byte[] channel);

  /** Looks whether subscriptions are still where they belong, and moves them; called once a second. */
  abstract void tendSubscriptions();

  /**
   * Breaks the connections, which come back by themselves: with Sentinel to the master of today. A master that was
   * demoted keeps its connections otherwise, and refuses every write.
   */
  abstract void connectAnew();

  /** Whether notifications go through sharded pub/sub. */
  final boolean isSharded() {
    return sharded;
  }

  /** All connections but those for notifications. */
  final List<Line> lines() {
    return List.of(lines.commands, lines.commits, lines.waiting);
  }

  /** Whether Redis can be reached, as far as is known without asking. */
  final boolean isConnected() {
    return lines.commits.connection.isOpen() && lines.commands.connection.isOpen();
  }

  /** How often a connection was made; another number than before: something may have been missed. */
  final int generation() {
    return generation.get();
  }

  /** Closes all connections. */
  final void close() {
    ClientResources resources = client.getResources();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    Opening.shutDown(resources);
  }

  /** What a link reports. Called on the client's threads; must return quickly. */
  interface Listener {
    /** A notification. */
    void notified(byte[] channel, byte[] payload);

    /** Where nothing is subscribed. */
    Listener NOBODY = new Listener() {
      @Override
      public void notified(byte[] channel, byte[] payload) {}

      @Override
      public void subscribed(byte[] channel) {}
    };

    /** A channel is subscribed, or subscribed again after a connection was lost. */
    void subscribed(byte[] channel);
  }
}
