package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.contract.RecordingListener;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.testing.TestResources;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisServerCommands;
import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes on a real master with a replica and a sentinel, and the failover between them. */
@Timeout(120)
class RedisSentinelTest {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final Topic ROOM = Topic.room(7);

  @AutoClose
  private final TestResources opened = new TestResources();

  @Test
  void failover_is_survived(@TempDir Path directory) throws Exception {
    RedisProcess master = opened.add(RedisProcess.start());
    RedisProcess replica =
        opened.add(RedisProcess.start("--replicaof", "127.0.0.1", Integer.toString(master.port())));
    int sentinel = startSentinel(directory, master);
    String uri = "redis-sentinel://127.0.0.1:" + sentinel + "/0#chat";
    awaitReplicaOf(sentinel);
    RedisStore near = openWhenFound(uri);
    RedisStore far = openWhenFound(uri);
    RecordingListener ear = new RecordingListener();
    far.log().listener(ear);
    far.log().watch(ROOM).join();
    for (int i = 0; i < 100; i++) {
      assertThat(publish(near, "m" + i, null).join()).isInstanceOf(Accepted.class);
    }
    await().atMost(SOON).until(() -> ear.end(ROOM) == 100);
    await().atMost(SOON).until(() -> {
      String last = replica.ask(r -> r.hget("gochat:{r:7}:s", "last"));
      return "100".equals(last);
    });
    long epoch = near.log().epoch();

    master.kill();

    await().atMost(SOON).until(() -> publish(near, "after", "key").join() instanceof Accepted);
    await().atMost(SOON).until(() -> near.isReady() && far.isReady());
    assertThat(near.log().state(ROOM, 0).join().lastSeq()).isEqualTo(101);
    assertThat(near.log().epoch()).as("the replica had everything").isEqualTo(epoch);
    await().atMost(SOON).until(() -> ear.end(ROOM) == 101);
  }

  @Test
  void connections_leave_a_master_that_was_demoted_by_hand() {
    RedisProcess master = opened.add(RedisProcess.start());
    RedisProcess other = opened.add(RedisProcess.start());
    RedisStore store = opened.add(SharedRedis.open(RedisOptions.of(master.uri())));
    assertThat(publish(store, "before", null).join()).isInstanceOf(Accepted.class);
    Set<String> before = connections(master);

    master.ask(r -> r.replicaof("127.0.0.1", other.port()));

    await().atMost(SOON).until(() -> !store.isReady());
    await().atMost(SOON).until(() -> {
      Set<String> now = connections(master);
      return now.size() >= before.size() && Collections.disjoint(now, before);
    });
    master.ask(r -> r.replicaofNoOne());
    await().atMost(SOON).until(() -> publish(store, "after", null).join() instanceof Accepted);
    await().atMost(SOON).until(store::isReady);
  }

  /** The ids of those that a node has. */
  private static Set<String> connections(RedisProcess redis) {
    return redis
        .ask(RedisServerCommands::clientList)
        .lines()
        .filter(line -> line.contains(" name=gochat"))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .collect(Collectors.toSet());
  }

  // Before that it has nobody to fail over to, and looks again only after ten seconds.
  private static void awaitReplicaOf(int sentinel) {
    try (RedisClient client = RedisClient.create()) {
      RedisURI uri = RedisURI.create("127.0.0.1", sentinel);
      await().atMost(SOON).ignoreExceptions().until(() -> {
        try (StatefulRedisSentinelConnection<String, String> connection =
            client.connectSentinel(uri)) {
          return !connection.sync().replicas("chat").isEmpty();
        }
      });
    }
  }

  private int startSentinel(Path directory, RedisProcess master) throws IOException {
    int port = RedisProcess.freePort();
    Path file = directory.resolve("sentinel.conf");
    Files.writeString(file, """
        port %d
        bind 127.0.0.1
        dir %s
        sentinel monitor chat 127.0.0.1 %d 1
        sentinel down-after-milliseconds chat 500
        sentinel failover-timeout chat 2000
        """.formatted(port, directory, master.port()));
    Process process = new ProcessBuilder(
            RedisProcess.binary().toString(), file.toString(), "--sentinel")
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("sentinel.log").toFile())
        .start();
    opened.add(() -> {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    });
    return port;
  }

  // The sentinel needs a moment to start and to find the replica.
  private RedisStore openWhenFound(String uri) {
    RedisOptions options = RedisOptions.of(uri).withCommandTimeout(Duration.ofSeconds(1));
    return opened.add(
        await().atMost(SOON).ignoreExceptions().until(() -> SharedRedis.open(options), s -> true));
  }

  private static CompletableFuture<PublishResult> publish(
      RedisStore store, String text, @Nullable String key) {
    return store.log().publish(new Publication(ROOM, 3, "user-3", "", text, key));
  }
}
