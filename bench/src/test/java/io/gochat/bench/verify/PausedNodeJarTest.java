package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.process.ServerProcess;
import io.gochat.bench.redis.OneRedis;
import io.gochat.client.ChatClient;
import io.gochat.client.ClientOptions;
import io.gochat.client.Message;
import io.gochat.testing.RedisBinary;
import io.gochat.testing.TestResources;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that is stopped for longer than its lease, and then goes on as if nothing had happened. */
@Timeout(120)
class PausedNodeJarTest {
  private static final long ROOM = 7;
  private static final Duration SOON = Duration.ofSeconds(30);

  @AutoClose
  private final TestResources opened = new TestResources();

  @TempDir
  private Path dir;

  @Test
  void node_paused_beyond_its_lease_loses_its_members_and_comes_back_with_them() throws Exception {
    OneRedis redis = OneRedis.start(RedisBinary.find(dir), dir);
    opened.add(redis);
    ServerProcess paused = node(redis, "paused");
    ServerProcess other = node(redis, "other");
    HttpApi api = HttpApi.of(address(other));
    HttpApi.User alice = api.signIn("alice", "wonderland");
    HttpApi.User bob = api.signIn("bob", "builder");
    List<String> alices = client(paused, alice);
    List<String> bobs = client(other, bob);
    await().atMost(SOON).until(() -> count(api, bob) == 2);

    paused.pause();
    await().atMost(SOON).until(() -> count(api, bob) == 1);
    push(api, bob, "while away");
    paused.resume();

    await().atMost(SOON).until(() -> count(api, bob) == 2);
    push(HttpApi.of(address(paused)), alice, "back again");
    for (List<String> texts : List.of(alices, bobs)) {
      await()
          .atMost(SOON)
          .untilAsserted(() -> assertThat(texts).containsExactly("while away", "back again"));
    }
  }

  private ServerProcess node(OneRedis redis, String id) throws Exception {
    VerifyOptions options = new VerifyOptions();
    options.serverJars = List.of(Jars.server());
    ProcessBuilder command =
        ServerCommandLine.of(options, dir.resolve(id), 0, "--redis", redis.uri(), "--node-id", id);
    ServerProcess node =
        ServerProcess.start(command, dir.resolve(id + ".log"), Duration.ofSeconds(60));
    opened.add(node::kill);
    return node;
  }

  private List<String> client(ServerProcess node, HttpApi.User user) throws Exception {
    List<String> texts = new CopyOnWriteArrayList<>();
    ChatClient client = ChatClient.create(ClientOptions.builder()
            .host("127.0.0.1")
            .port(node.port())
            .token(user.token())
            .deviceId("phone")
            .build())
        .onMessage((Message message) -> texts.add(message.text()));
    opened.add(client);
    client.connect().get();
    client.join(ROOM).get();
    return texts;
  }

  private static long count(HttpApi api, HttpApi.User user) throws Exception {
    return api.post("/push/count", Map.of("token", user.token(), "room_id", ROOM))
        .number("count");
  }

  private static void push(HttpApi api, HttpApi.User from, String text) throws Exception {
    Map<String, Object> body = Map.of(
        "msg",
        text,
        "room_id",
        ROOM,
        "token",
        from.token(),
        "to_user_id",
        0,
        "to_user_name",
        "",
        "from_user_id",
        from.id(),
        "from_user_name",
        from.name());
    assertThat(api.post("/push/pushRoom", body).status()).isEqualTo(200);
  }

  private static InetSocketAddress address(ServerProcess node) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), node.port());
  }
}
