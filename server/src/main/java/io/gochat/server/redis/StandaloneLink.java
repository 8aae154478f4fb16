package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** One master, found directly or through Sentinel. Thread-safe. */
final class StandaloneLink extends RedisLink {
  private final StatefulRedisPubSubConnection<byte[], byte[]> notifications;

  /** Takes over {@code client} and connects; blocks. */
  static StandaloneLink connect(RedisClient client, Keys keys, boolean sharded, Listener listener) {
    AtomicInteger generation = new AtomicInteger();
    client.addListener(new RedisConnectionStateListener() {
      @Override
      public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
        generation.incrementAndGet();
      }
    });
    Lines lines = new Lines(line(client), line(client), line(client));
    return new StandaloneLink(client, keys, sharded, generation, lines, listener);
  }

  private StandaloneLink(
      RedisClient client,
      Keys keys,
      boolean sharded,
      AtomicInteger generation,
      Lines lines,
      Listener listener) {
    super(client, keys, sharded, generation, lines);
    this.notifications = client.connectPubSub(ByteArrayCodec.INSTANCE);
    notifications.addListener(new ForwardingListener(listener));
  }

  private static Line line(RedisClient client) {
    StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE);
    return new Line(connection, connection.async());
  }

  @Override
  boolean isCluster() {
    return false;
  }

  @Override
  Object masterOf(Topic topic) {
    return this;
  }

  @Override
  CompletionStage<Long> waitForReplicas(Collection<byte[]> keys, int replicas, Duration timeout) {
    return commits().waitForReplication(replicas, timeout.toMillis());
  }

  @Override
  CompletionStage<Void> subscribe(byte[] channel) {
    return isSharded()
        ? notifications.async().ssubscribe(channel)
        : notifications.async().subscribe(channel);
  }

  @Override
  void unsubscribe(byte[] channel) {
    if (isSharded()) {
      notifications.async().sunsubscribe(channel);
    } else {
      notifications.async().unsubscribe(channel);
    }
  }

  @Override
  void connectAnew() {
    // Redis closes after its answer, and the client connects again.
    for (Line line : lines()) {
      line.commands().quit();
    }
    notifications.async().quit();
  }

  @Override
  void tendSubscriptions() {
    // One master, one connection: the client subscribes again by itself.
  }
}
