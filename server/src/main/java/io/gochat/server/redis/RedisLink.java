package io.gochat.server.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;

/**
 * The connections to Redis, whatever its topology. Thread-safe; nothing blocks but {@link #close}. Commands that are
 * given while Redis is unreachable fail at once; a command that was under way when a connection broke fails and is
 * never sent again, because nobody knows whether it was carried out.
 */
interface RedisLink {
  /** For reads and single writes. */
  RedisClusterAsyncCommands<byte[], byte[]> commands();

  /** For the committer alone, whose order matters. */
  RedisClusterAsyncCommands<byte[], byte[]> commits();

  /** For reads that wait in Redis. */
  RedisClusterAsyncCommands<byte[], byte[]> waiting();

  /** How many replicas have what was written through {@link #commits} to these keys: the least of all masters. */
  CompletionStage<Long> waitForReplicas(Collection<byte[]> keys, int replicas, Duration timeout);

  /** Completes when the channel is subscribed. */
  CompletionStage<Void> subscribe(byte[] channel);

  /** Ends a subscription. */
  void unsubscribe(byte[] channel);

  /** Looks whether subscriptions are still where they belong, and moves them; called once a second. */
  void tendSubscriptions();

  /** Whether notifications go through sharded pub/sub. */
  boolean isSharded();

  /** Whether Redis can be reached, as far as is known without asking. */
  boolean isConnected();

  /** How often a connection was made; another number than before: something may have been missed. */
  int generation();

  /** Closes all connections. */
  void close();

  /** What a link reports. Called on the client's threads; must return quickly. */
  interface Listener {
    /** A notification. */
    void notified(byte[] channel, byte[] payload);

    /** A channel is subscribed, or subscribed again after a connection was lost. */
    void subscribed(byte[] channel);
  }
}
