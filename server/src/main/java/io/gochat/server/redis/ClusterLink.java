package io.gochat.server.redis;

import io.gochat.server.messaging.Topic;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A cluster. Thread-safe. Sharded notifications are subscribed at the master that owns the channel's slot, and moved
 * once a second where slots have moved; what is missed meanwhile is found by the look at the ends of the topics.
 */
final class ClusterLink extends RedisLink {
  private final ForwardingListener forwarding;
  private final AtomicInteger generation;
  private final StatefulRedisClusterConnection<byte[], byte[]> commits;
  private final StatefulRedisClusterPubSubConnection<byte[], byte[]> notifications;
  // The connections to the masters. The client makes
  // others for itself all the time, which mean nothing.
  private final Set<Object> masters;
  private final Set<Object> listenedTo = ConcurrentHashMap.newKeySet();
  // Channel to the id of the node where it is subscribed.
  private final ConcurrentHashMap<String, String> homes = new ConcurrentHashMap<>();

  static ClusterLink connect(
      ClientResources resources,
      Collection<RedisURI> uris,
      RedisOptions options,
      Keys keys,
      boolean sharded,
      Listener listener) {
    RedisClusterClient client = RedisClusterClient.create(resources, uris);
    ClusterClientOptions.Builder builder = ClusterClientOptions.builder();
    Opening.configure(builder, options);
    // The connections to the masters are made at their first
    // use: what comes before that must wait, not fail.
    builder.disconnectedBehavior(ClientOptions.DisconnectedBehavior.DEFAULT);
    client.setOptions(builder
        .topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
            .enablePeriodicRefresh(Duration.ofSeconds(5))
            .adaptiveRefreshTriggersTimeout(Duration.ofSeconds(1))
            .build())
        .build());
    AtomicInteger generation = new AtomicInteger();
    Set<Object> masters = ConcurrentHashMap.newKeySet();
    client.addListener(new RedisConnectionStateListener() {
      @Override
      public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
        if (masters.contains(connection)) {
          generation.incrementAndGet();
        }
      }
    });
    StatefulRedisClusterConnection<byte[], byte[]> commits =
        client.connect(ByteArrayCodec.INSTANCE);
    Lines lines = new Lines(
        line(client.connect(ByteArrayCodec.INSTANCE)),
        line(commits),
        line(client.connect(ByteArrayCodec.INSTANCE)));
    return new ClusterLink(
        client, keys, sharded, new Seen(generation, masters), lines, commits, listener);
  }

  /** What the client's own listener counts, and among whom. */
  private record Seen(AtomicInteger generation, Set<Object> masters) {}

  private ClusterLink(
      RedisClusterClient client,
      Keys keys,
      boolean sharded,
      Seen seen,
      Lines lines,
      StatefulRedisClusterConnection<byte[], byte[]> commits,
      Listener listener) {
    super(client, keys, sharded, seen.generation, lines);
    this.generation = seen.generation;
    this.masters = seen.masters;
    this.forwarding = new ForwardingListener(listener);
    this.commits = commits;
    this.notifications = client.connectPubSub(ByteArrayCodec.INSTANCE);
    notifications.addListener(forwarding);
    knowMasters();
  }

  // Before anything is compared: a connection that is made later, at its first use, would count as
  // one after an outage, and everything would be compared again.
  private void knowMasters() {
    for (RedisClusterNode node : commits.getPartitions()) {
      if (isMaster(node)) {
        masters.add(commits.getConnection(node.getNodeId()));
      }
    }
  }

  private static boolean isMaster(RedisClusterNode node) {
    return node.is(RedisClusterNode.NodeFlag.UPSTREAM) && !node.getSlots().isEmpty();
  }

  private static Line line(StatefulRedisClusterConnection<byte[], byte[]> connection) {
    return new Line(connection, connection.async());
  }

  @Override
  boolean isCluster() {
    return true;
  }

  @Override
  Object masterOf(Topic topic) {
    String node = masterOf(keys().state(topic));
    return node == null ? "no master" : node;
  }

  @Override
  CompletionStage<Long> waitForReplicas(Collection<byte[]> keys, int replicas, Duration timeout) {
    Set<String> nodes = new LinkedHashSet<>();
    for (byte[] key : keys) {
      String node = masterOf(key);
      if (node == null) {
        return CompletableFuture.failedStage(new RedisException("a slot has no master"));
      }
      nodes.add(node);
    }
    CompletionStage<Long> least = CompletableFuture.completedStage(Long.MAX_VALUE);
    for (String node : nodes) {
      least = least.thenCombine(
          commits
              .getConnectionAsync(node)
              .thenCompose(c -> c.async().waitForReplication(replicas, timeout.toMillis())),
          Math::min);
    }
    return least;
  }

  @Override
  CompletionStage<Void> subscribe(byte[] channel) {
    if (!isSharded()) {
      return notifications.async().subscribe(channel);
    }
    String node = masterOf(channel);
    if (node == null) {
      return CompletableFuture.failedStage(new RedisException("the channel's slot has no master"));
    }
    String name = nameOf(channel);
    homes.put(name, node);
    return connectionTo(node).thenCompose(c -> c.async().ssubscribe(channel)).thenRun(() -> {
      // Unsubscribed while the connection was being made.
      if (!node.equals(homes.get(name))) {
        unsubscribeAt(node, channel);
      }
    });
  }

  @Override
  void unsubscribe(byte[] channel) {
    if (!isSharded()) {
      notifications.async().unsubscribe(channel);
      return;
    }
    String node = homes.remove(nameOf(channel));
    if (node != null) {
      unsubscribeAt(node, channel);
    }
  }

  @Override
  void connectAnew() {
    // A node of a cluster that is no master any more redirects; the client looks at the topology.
  }

  @Override
  void tendSubscriptions() {
    for (RedisClusterNode node : commits.getPartitions()) {
      if (isMaster(node)) {
        commits.getConnectionAsync(node.getNodeId()).thenAccept(this::sawMaster);
      }
    }
    homes.forEach((name, home) -> {
      byte[] channel = name.getBytes(StandardCharsets.UTF_8);
      String owner = masterOf(channel);
      if (owner != null && !owner.equals(home) && homes.replace(name, home, owner)) {
        unsubscribeAt(home, channel);
        connectionTo(owner)
            .thenCompose(c -> c.async().ssubscribe(channel))
            .exceptionally(failure -> {
              homes.replace(name, owner, home); // the next second tries again
              return null;
            });
      }
    });
  }

  private void sawMaster(StatefulRedisConnection<byte[], byte[]> connection) {
    if (masters.add(connection)) {
      masters.removeIf(
          known -> !((StatefulRedisConnection<?, ?>) known).isOpen() && known != connection);
      generation.incrementAndGet();
    }
  }

  private CompletableFuture<StatefulRedisPubSubConnection<byte[], byte[]>> connectionTo(
      String node) {
    return notifications.getConnectionAsync(node).thenApply(connection -> {
      if (listenedTo.add(connection)) {
        masters.add(connection); // what it tells after it was made anew is not compared yet
        connection.addListener(forwarding);
      }
      return connection;
    });
  }

  private void unsubscribeAt(String node, byte[] channel) {
    connectionTo(node).thenAccept(c -> c.async().sunsubscribe(channel));
  }

  private @Nullable String masterOf(byte[] key) {
    RedisClusterNode node = commits.getPartitions().getMasterBySlot(SlotHash.getSlot(key));
    return node == null ? null : node.getNodeId();
  }

  private static String nameOf(byte[] channel) {
    return new String(channel, StandardCharsets.UTF_8);
  }
}
