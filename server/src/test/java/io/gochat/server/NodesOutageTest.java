package io.gochat.server;

import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.redis.RedisProcess;
import io.lettuce.core.KillArgs;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes whose Redis is full, refuses, lacks a right or is gone, from outside. */
@Timeout(120)
class NodesOutageTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Nodes nodes = new Nodes();
  private final RedisProcess redis = nodes.redis("--appendfsync", "always");
  private final Server near = nodes.start(redis, "near");
  private final Server far = nodes.start(redis, "far");

  NodesOutageTest() throws StartException {}

  @AfterEach
  void close() {
    nodes.close();
  }

  @Test
  void full_redis_refuses_and_says_nothing_false() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient receiver = nodes.connect(far, alice, "");
    receiver.join(7);
    FrameTestClient publisher = nodes.connect(near, alice, "");
    assertThat(nodes.pushRoom(near, alice, 7, "before", "k0").status()).isEqualTo(200);
    redis.ask(r -> r.configSet("maxmemory", "1"));

    Answer overHttp = nodes.pushRoom(near, alice, 7, "over HTTP", "k1");
    ServerFrame overFrames = publisher.publish(room(7), "over frames", "k2");
    Answer login =
        nodes.post(near, "/user/login", "{\"username\":\"alice\",\"password\":\"pw-alice\"}");
    redis.ask(r -> r.configSet("maxmemory", "0"));

    assertThat(overHttp.status()).isEqualTo(503);
    assertThat(overFrames.getError().getCode()).isEqualTo(ErrorCode.OVERLOADED);
    assertThat(overFrames.getError().getRetryAfterMs()).isPositive();
    assertThat(login.status()).isEqualTo(503);
    assertThat(receiver.delivery().getText()).isEqualTo("before");
    receiver.expectNothing();
    Answer retried = nodes.pushRoom(near, alice, 7, "over HTTP", "k1");
    assertThat(retried.fields()).containsEntry("duplicate", "false").containsEntry("seq", "2");
    assertThat(receiver.delivery().getText()).isEqualTo("over HTTP");
  }

  @Test
  void least_rights_are_enough_and_a_missing_one_is_named() throws Exception {
    String rights = Files.readString(Path.of("..", "docs", "operations.md"))
        .lines()
        .filter(line -> line.startsWith("ACL SETUSER gochat "))
        .findFirst()
        .orElseThrow();
    String[] words = rights.substring("ACL SETUSER gochat ".length()).split(" ", -1);
    setUser(Arrays.stream(words)
        .filter(
            word -> RedisProcess.isSeven() || !word.matches("[+](s(un)?(publish|subscribe)|quit)"))
        .toArray(String[]::new));
    String uri = redis.uri().replace("redis://", "redis://gochat:secret@");

    Server node = nodes.start("--redis=" + uri, "--node-id=limited");
    User alice = nodes.signIn(node, "alice");
    FrameTestClient phone = nodes.connect(node, alice, "phone");
    phone.join(7);
    assertThat(nodes.pushRoom(far, alice, 7, "hello", "k1").status()).isEqualTo(200);
    assertThat(phone.delivery().getText()).isEqualTo("hello");
    assertThat(nodes.pushRoom(node, alice, 7, "hello back", "k2").status()).isEqualTo(200);
    assertThat(nodes.logout(node, alice).status()).isEqualTo(200);

    setUser("-xadd", "-pexpireat");
    assertThatThrownBy(() -> nodes.start("--redis=" + uri, "--node-id=powerless"))
        .hasMessageEndingWith("lacks rights that are needed: +pexpireat +xadd");
    User bob = nodes.signIn(far, "bob");
    await().atMost(SOON).until(() -> nodes.pushRoom(node, bob, 7, "no", "").status() == 503);
    await().atMost(SOON).until(() -> nodes.get(node, "/readyz") == 503);
  }

  private void setUser(String... rules) {
    CommandArgs<String, String> arguments =
        new CommandArgs<>(StringCodec.UTF8).add("SETUSER").add("gochat");
    for (String rule : rules) {
      arguments.add(rule);
    }
    redis.ask(r -> r.dispatch(CommandType.ACL, new StatusOutput<>(StringCodec.UTF8), arguments));
  }

  @Test
  void full_redis_still_ends_sessions_replaces_devices_counts_rooms_and_lets_a_node_start()
      throws StartException {
    User alice = nodes.signIn(near, "alice");
    User phone = nodes.logIn(near, "alice");
    FrameTestClient first = nodes.connect(near, phone, "phone");
    FrameTestClient laptop = nodes.connect(near, alice, "laptop");
    laptop.join(7);
    await().atMost(SOON).until(() -> nodes.count(far, alice, 7) == 1);
    redis.ask(r -> r.configSet("maxmemory", "1"));
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 503);
    await().atMost(SOON).until(() -> nodes.get(far, "/readyz") == 503);

    Server third = nodes.start(redis, "third");
    FrameTestClient second = nodes.connect(far, phone, "phone");
    redis.ask(
        r -> r.clientKill(KillArgs.Builder.typeNormal().skipme())); // presence is written anew
    GoAway replaced = first.goodbye();
    // While connections are made anew the outcome may be unknown; who tries again may have been
    // heard.
    await()
        .atMost(SOON)
        .until(() -> List.of(200, 401).contains(nodes.logout(far, phone).status()));

    assertThat(replaced.getReason()).isEqualTo(GoAway.Reason.REPLACED);
    assertThat(second.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    await().atMost(SOON).until(() -> nodes.count(third, alice, 7) == 1);
    assertThat(nodes.count(far, alice, 7)).isEqualTo(1);
    for (Server node : List.of(near, far, third)) {
      assertThat(nodes.pushRoom(node, phone, 7, "after logout", "").status()).isEqualTo(401);
    }
    redis.ask(r -> r.configSet("maxmemory", "0"));
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 200);
  }

  @Test
  void redis_that_refuses_writes_is_not_ready_and_says_what_it_lacks() {
    User alice = nodes.signIn(near, "alice");
    redis.ask(r -> r.configSet("min-replicas-to-write", "1"));
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 503);

    Answer refused = nodes.pushRoom(near, alice, 7, "too early", "k1");
    redis.ask(r -> r.configSet("min-replicas-to-write", "0"));

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.errorCode()).isEqualTo("overloaded");
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 200);
    assertThat(nodes.pushRoom(near, alice, 7, "too early", "k1").fields())
        .containsEntry("duplicate", "false");
  }

  @Test
  void outage_of_redis_is_told_and_connections_outlive_it() {
    User alice = nodes.signIn(near, "alice");
    FrameTestClient receiver = nodes.connect(far, alice, "phone");
    receiver.join(7);
    assertThat(nodes.get(near, "/readyz")).isEqualTo(200);
    redis.pause();

    Answer during = nodes.pushRoom(near, alice, 7, "during", "k1");
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 503);
    redis.resume();

    assertThat(during.status()).isEqualTo(503);
    await().atMost(SOON).until(() -> nodes.get(near, "/readyz") == 200);
    await()
        .atMost(SOON)
        .until(() -> nodes.pushRoom(near, alice, 7, "during", "k1").status() == 200);
    assertThat(receiver.delivery().getText()).isEqualTo("during");
    receiver.expectNothing();
  }
}
