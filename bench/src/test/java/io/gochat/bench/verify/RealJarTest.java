package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.process.ServerProcess;
import io.gochat.client.AckMode;
import io.gochat.client.ChatClient;
import io.gochat.client.ClientOptions;
import io.gochat.client.ClientOptionsBuilder;
import io.gochat.client.FilePositionStore;
import io.gochat.client.Gap;
import io.gochat.client.Message;
import io.gochat.client.Published;
import io.gochat.client.Topic;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The packaged server, killed in the middle of a conversation over HTTP and the SDK, and started again. */
@Timeout(300)
class RealJarTest {
  private static final long ROOM = 7;
  private static final Duration SOON = Duration.ofSeconds(60);

  private final VerifyOptions options = new VerifyOptions();
  private int port;
  private final List<ChatClient> clients = new CopyOnWriteArrayList<>();
  private ServerProcess server;
  private HttpApi api;

  @TempDir
  Path dir;

  @BeforeEach
  void start() throws Exception {
    startServer();
  }

  @AfterEach
  void stop() {
    clients.forEach(ChatClient::close);
    server.destroy();
  }

  @Test
  void everything_that_was_answered_is_there_after_a_kill() throws Exception {
    HttpApi.User alice = api.signIn("alice", "wonderland");
    HttpApi.User bob = api.signIn("bob", "builder");
    HttpApi.User carol = api.signIn("carol", "singer");
    // A conversation over both protocols: bob on the SDK, alice on HTTP.
    Inbox bobs = connect(bob, dir.resolve("bob"), AckMode.AUTO);
    bobs.client.join(ROOM).get();
    HttpApi.Answer first = push("/push/pushRoom", alice, 0, ROOM, "hello room", "a-1");
    push("/push/push", alice, bob.id(), 0, "hello bob", "a-2");
    bobs.awaitTexts("hello room", "hello bob");
    Published reply = bobs.client.publish(Topic.room(ROOM), "hello alice").get();
    bobs.awaitTexts("hello room", "hello bob", "hello alice");
    // Carol reads two messages and is done with one of them only.
    push("/push/push", alice, carol.id(), 0, "carol one", "a-3");
    push("/push/push", alice, carol.id(), 0, "carol two", "a-4");
    Inbox carols = connect(carol, dir.resolve("carol"), AckMode.MANUAL);
    carols.awaitTexts("carol one", "carol two");
    carols.client.ack(carols.messages.get(0));
    closeAll();
    List<Map<String, Object>> before = room(alice);
    assertThat(before).hasSize(2);

    server.kill();
    startServer();

    // Accounts.
    assertThat(register("alice", "other").errorCode()).isEqualTo("name_taken");
    assertThat(api.logIn("bob", "builder").id()).isEqualTo(bob.id());
    // Sessions: the tokens from before.
    assertThat(api.post("/user/checkAuth", Map.of("token", alice.token())).status())
        .isEqualTo(200);
    // History, to the letter, and idempotency.
    assertThat(room(alice)).isEqualTo(before);
    HttpApi.Answer again = push("/push/pushRoom", alice, 0, ROOM, "hello room", "a-1");
    assertThat(again.isTrue("duplicate")).isTrue();
    assertThat(again.number("message_id")).isEqualTo(first.number("message_id"));
    // Positions: bob goes on where he was, and is handed nothing twice.
    Inbox bobsAgain = connect(bob, dir.resolve("bob"), AckMode.AUTO);
    assertThat(bobsAgain.client.join(ROOM).get().nextSeq()).isEqualTo(reply.seq() + 1);
    push("/push/pushRoom", alice, 0, ROOM, "still there?", "a-5");
    bobsAgain.awaitTexts("still there?");
    // The inbox: what carol had not acknowledged comes again, on a device without a memory of its
    // own.
    Inbox carolsAgain = connect(carol, null, AckMode.AUTO);
    carolsAgain.awaitTexts("carol two");
  }

  @Test
  void a_publish_is_the_same_over_http_and_frames_and_after_a_kill() throws Exception {
    HttpApi.User alice = api.signIn("alice", "wonderland");
    HttpApi.Answer first = push("/push/pushRoom", alice, 0, ROOM, "once", "id-1");

    Inbox before = connect(alice, null, AckMode.AUTO);
    Published overFrames =
        before.client.publish(Topic.room(ROOM), "once", "id-1").get();
    Published second = before.client.publish(Topic.room(ROOM), "twice", "id-2").get();
    closeAll();
    server.kill();
    startServer();
    HttpApi.Answer overHttp = push("/push/pushRoom", alice, 0, ROOM, "twice", "id-2");
    Inbox after = connect(alice, null, AckMode.AUTO);
    Published again = after.client.publish(Topic.room(ROOM), "once", "id-1").get();

    assertThat(overFrames.duplicate()).isTrue();
    assertThat(overFrames.messageId()).isEqualTo(first.number("message_id"));
    assertThat(overHttp.isTrue("duplicate")).isTrue();
    assertThat(overHttp.number("message_id")).isEqualTo(second.messageId());
    assertThat(again.duplicate()).isTrue();
    assertThat(again.seq()).isEqualTo(first.number("seq"));
    assertThat(room(alice)).hasSize(2);
  }

  @Test
  void under_async_a_kill_is_told_to_the_sdk_as_a_new_epoch() throws Exception {
    server.terminate(SOON);
    options.durability = "async";
    startServer();
    HttpApi.User alice = api.signIn("alice", "wonderland");
    Inbox alices = connect(alice, null, AckMode.AUTO);
    List<Gap> gaps = new CopyOnWriteArrayList<>();
    alices.client.onGap(gaps::add);
    alices.client.join(ROOM).get();
    push("/push/pushRoom", alice, 0, ROOM, "before", "a-1");
    alices.awaitTexts("before");

    server.kill();
    port = server.port();
    startServer();
    await().atMost(SOON).until(() -> gaps.stream().anyMatch(Gap::epochChanged));
    push("/push/pushRoom", alice, 0, ROOM, "after", "a-2");

    alices.awaitTexts("before", "after");
  }

  private void startServer() throws IOException, InterruptedException {
    options.serverJars = List.of(Jars.server());
    ProcessBuilder command = ServerCommandLine.of(options, dir.resolve("data"), port);
    server = ServerProcess.start(command, dir.resolve("server.log"), Duration.ofSeconds(60));
    api = HttpApi.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
  }

  private Inbox connect(HttpApi.User user, @Nullable Path store, AckMode mode) throws Exception {
    ClientOptionsBuilder builder = ClientOptions.builder()
        .host("127.0.0.1")
        .port(server.port())
        .token(user.token())
        .deviceId(store == null ? "" : "phone")
        .ackMode(mode);
    if (store != null) {
      builder.positionStore(new FilePositionStore(store));
    }
    Inbox inbox = new Inbox(ChatClient.create(builder.build()));
    clients.add(inbox.client);
    inbox.client.connect().get();
    return inbox;
  }

  private void closeAll() {
    clients.forEach(ChatClient::close);
    clients.clear();
  }

  private HttpApi.Answer register(String name, String password) throws Exception {
    return api.post("/user/register", Map.of("username", name, "password", password));
  }

  private HttpApi.Answer push(
      String path, HttpApi.User from, long toUserId, long roomId, String text, String id)
      throws Exception {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("msg", text);
    body.put("to_user_id", toUserId);
    body.put("to_user_name", "");
    body.put("from_user_id", from.id());
    body.put("from_user_name", from.name());
    body.put("room_id", roomId);
    body.put("token", from.token());
    body.put("client_message_id", id);
    HttpApi.Answer answer = api.post(path, body);
    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
    return answer;
  }

  private List<Map<String, Object>> room(HttpApi.User reader) throws Exception {
    return api.post(
            "/push/history",
            Map.of("token", reader.token(), "room_id", ROOM, "after_seq", 0, "limit", 100))
        .objects("messages");
  }

  private static final class Inbox {
    final List<Message> messages = new CopyOnWriteArrayList<>();
    final ChatClient client;

    Inbox(ChatClient client) {
      this.client = client.onMessage(messages::add);
    }

    /** Exactly these, in any order between topics. */
    void awaitTexts(String... texts) {
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(messages.stream().map(Message::text)).containsExactlyInAnyOrder(texts));
    }
  }
}
