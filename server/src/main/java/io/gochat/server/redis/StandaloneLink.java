package io.gochat.server.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** One master, found directly or through Sentinel. Thread-safe. */
final class StandaloneLink implements RedisLink {
  private final RedisClient client;
  private final boolean sharded;
  private final AtomicInteger generation = new AtomicInteger();
  private final StatefulRedisConnection<byte[], byte[]> commands;
  private final StatefulRedisConnection<byte[], byte[]> commits;
  private final StatefulRedisConnection<byte[], byte[]> waiting;
  private final StatefulRedisPubSubConnection<byte[], byte[]> notifications;

  /** Takes over {@code client} and connects; blocks. */
  StandaloneLink(RedisClient client, boolean sharded, Listener listener) {
    this.client = client;
    this.sharded = sharded;
    client.addListener(new RedisConnectionStateListener() {
      @Override
      public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
        generation.incrementAndGet();
      }
    });
    this.commands = client.connect(ByteArrayCodec.INSTANCE);
    this.commits = client.connect(ByteArrayCodec.INSTANCE);
    this.waiting = client.connect(ByteArrayCodec.INSTANCE);
    this.notifications = client.connectPubSub(ByteArrayCodec.INSTANCE);
    notifications.addListener(new ForwardingListener(listener));
  }

  @Override
  public RedisClusterAsyncCommands<byte[], byte[]> commands() {
    return commands.async();
  }

  @Override
  public RedisClusterAsyncCommands<byte[], byte[]> commits() {
    return commits.async();
  }

  @Override
  public RedisClusterAsyncCommands<byte[], byte[]> waiting() {
    return waiting.async();
  }

  @Override
  public CompletionStage<Long> waitForReplicas(
      Collection<byte[]> keys, int replicas, Duration timeout) {
    return commits.async().waitForReplication(replicas, timeout.toMillis());
  }

  @Override
  public CompletionStage<Void> subscribe(byte[] channel) {
    return sharded
        ? notifications.async().ssubscribe(channel)
        : notifications.async().subscribe(channel);
  }

  @Override
  public void unsubscribe(byte[] channel) {
    if (sharded) {
      notifications.async().sunsubscribe(channel);
    } else {
      notifications.async().unsubscribe(channel);
    }
  }

  @Override
  public void tendSubscriptions() {
    // One master, one connection: the client subscribes again by itself.
  }

  @Override
  public boolean isSharded() {
    return sharded;
  }

  @Override
  public boolean isConnected() {
    return commits.isOpen() && commands.isOpen();
  }

  @Override
  public int generation() {
    return generation.get();
  }

  @Override
  public void close() {
    ClientResources resources = client.getResources();
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    Opening.shutDown(resources);
  }
}
