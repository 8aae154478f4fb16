package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.Nodes.User;
import io.gochat.server.redis.RedisProcess;
import io.gochat.server.webhook.ReceivingEndpoint;
import io.gochat.server.webhook.ReceivingEndpoint.Answer;
import io.gochat.server.webhook.ReceivingEndpoint.Received;
import io.lettuce.core.SetArgs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Webhooks of two nodes on one real Redis, from outside. */
@Timeout(180)
class WebhookNodesTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir
  Path directory;

  private final Nodes nodes = new Nodes();
  private final RedisProcess redis = nodes.redis("--appendfsync", "always");
  private ReceivingEndpoint endpoint;

  @SuppressWarnings("NullAway.Init") // each test begins with starting them
  private Server near;

  @SuppressWarnings("NullAway.Init")
  private Server far;

  @BeforeEach
  void start() throws Exception {
    endpoint = ReceivingEndpoint.start();
    file("message.published");
  }

  private void file(String event) throws Exception {
    Files.writeString(directory.resolve("hooks"), "[" + endpoint.asJson("crm", event) + "]");
  }

  private void startNodes() throws Exception {
    near = node("near");
    far = node("far");
  }

  private Server node(String name) throws Exception {
    return nodes.start(redis, name, "--webhooks=" + directory.resolve("hooks"));
  }

  @AfterEach
  void close() throws Exception {
    nodes.close();
    endpoint.close();
  }

  private List<String> recordedTopics() {
    return redis.ask(r -> r.keys("*}:o"));
  }

  private long left() {
    return redis.ask(r -> r.exists("gochat:outbox:topics", "gochat:outbox:bytes"));
  }

  private String leader() {
    return redis.ask(r -> r.get("gochat:outbox:lease"));
  }

  private static List<String> texts(int from, int to) {
    return IntStream.rangeClosed(from, to).mapToObj(i -> "m" + i).toList();
  }

  private void awaitMessages(List<String> texts) {
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(endpoint.messages()).containsExactlyElementsOf(texts));
  }

  private void push(Server node, User user, String text) {
    await()
        .atMost(SOON)
        .until(() -> nodes.pushRoom(node, user, 7, text, "key-" + text).status() == 200);
  }

  @Test
  void what_is_published_on_any_node_is_told_once_and_in_order() throws Exception {
    startNodes();
    User alice = nodes.signIn(near, "alice");
    String led = leader();

    for (int i = 1; i <= 40; i++) {
      push(i % 2 == 0 ? near : far, alice, "m" + i);
    }

    awaitMessages(texts(1, 40));
    assertThat(endpoint.received.stream().map(Received::id).distinct()).hasSize(40);
    if (leader().equals(led)) { // else this machine stood still for longer than a lease
      assertThat(endpoint.received).hasSize(40);
    }
    assertThat(endpoint.received).allMatch(got -> got.isSignedBy(ReceivingEndpoint.SECRET));
    assertThat(endpoint.received.get(0).text())
        .contains("\"seq\":1,", "\"room_id\":7,", "\"from_user_name\":\"alice\"")
        .matches(".*\"created_at_ms\":\\d{13},\"epoch\":[1-9]\\d*}}");
    await().atMost(SOON).untilAsserted(() -> assertThat(recordedTopics()).isEmpty());
    await().atMost(SOON).until(() -> left() == 0);
  }

  @Test
  void another_node_tells_when_the_one_that_did_is_gone() throws Exception {
    startNodes();
    User alice = nodes.signIn(far, "alice");
    push(far, alice, "m1");
    awaitMessages(texts(1, 1));

    near.close();
    push(far, alice, "m2");

    awaitMessages(texts(1, 2));
  }

  @Test
  void a_node_that_vanished_is_followed_when_its_lease_has_run_out() throws Exception {
    redis.ask(
        r -> r.set("gochat:outbox:lease", "somebody who was killed", SetArgs.Builder.px(3_000)));
    startNodes();
    User alice = nodes.signIn(far, "alice");

    push(far, alice, "m1");

    awaitMessages(texts(1, 1));
    assertThat(leader()).isNotEqualTo("somebody who was killed");
  }

  @Test
  void redis_that_restarts_takes_nothing_along() throws Exception {
    startNodes();
    User alice = nodes.signIn(near, "alice");
    endpoint.behave(request -> Answer.status(503));
    for (int i = 1; i <= 10; i++) {
      push(near, alice, "m" + i);
    }

    redis.kill();
    redis.startAgain();
    endpoint.behave(request -> Answer.status(200));
    push(far, alice, "m11");

    awaitMessages(texts(1, 11));
  }

  @Test
  void who_is_connected_to_another_node_is_not_away() throws Exception {
    file("inbox.undelivered");
    // Nodes tell each other who is connected much faster than that, also on a busy machine.
    near = nodes.start(
        redis, "near", "--webhooks=" + directory.resolve("hooks"), "--offline-after=5s");
    far =
        nodes.start(redis, "far", "--webhooks=" + directory.resolve("hooks"), "--offline-after=5s");
    User bob = nodes.signIn(near, "bob");
    User alice = nodes.signIn(near, "alice");
    User carol = nodes.signIn(near, "carol");
    nodes.connect(far, alice, "");

    nodes.push(near, bob, alice.id(), "to who is there", "k1");
    nodes.push(near, bob, carol.id(), "to who is away", "k2");

    awaitMessages(List.of("to who is away"));
    await().atMost(SOON).untilAsserted(() -> assertThat(recordedTopics()).isEmpty());
    assertThat(endpoint.messages()).containsExactly("to who is away");
  }

  @Test
  void what_is_told_twice_after_a_change_of_nodes_has_the_same_id() throws Exception {
    startNodes();
    User alice = nodes.signIn(near, "alice");
    List<Received> hung = new ArrayList<>();
    endpoint.behave(request -> {
      synchronized (hung) {
        hung.add(request);
        return hung.size() == 1 ? Answer.raw("", Answer.Then.HANG) : Answer.status(200);
      }
    });
    push(near, alice, "m1");
    await().atMost(SOON).until(() -> endpoint.received.size() == 1);

    near.close();
    push(far, alice, "m2");

    awaitMessages(texts(1, 2));
    assertThat(endpoint.received.stream().filter(got -> got.message().equals("m1")))
        .extracting(Received::id)
        .containsOnly(hung.get(0).id());
  }
}
