package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other people's programs met: the SDK beside others, on a bad day, and closed in the middle of everything. */
@Timeout(60)
class EmbeddingTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir
  private Path directory;

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  // ---- beside others

  @Test
  void who_brings_event_loops_gets_no_others() throws Exception {
    EventLoopGroup own = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    open.add(() -> own.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    ScriptedServer server = server();

    ChatClient client = client(server.options().eventLoops(own));
    CompletableFuture<Identity> connected = client.connect();
    server.accept().welcome();

    assertThat(connected.join().userId()).isEqualTo(ScriptedServer.USER);
    assertThat(SharedResources.hasLoops()).isFalse();
  }

  @Test
  void blocking_listeners_do_not_hold_up_another_client() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    ScriptedServer server = server();
    int others = 2 * Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
    for (int i = 0; i < others; i++) {
      ChatClient other = client(server.options());
      other.onState(state -> awaitQuietly(blocked));
      other.connect();
      server.accept().welcome();
    }

    ChatClient client = client(server.options());
    CompletableFuture<Identity> connected = client.connect();
    server.accept().welcome();

    await().atMost(PATIENCE).until(connected::isDone);
    blocked.countDown();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- a server that cannot be had

  @Test
  void the_first_failure_to_connect_is_in_the_state() throws Exception {
    int closedPort;
    try (ServerSocket socket = new ServerSocket(0)) {
      closedPort = socket.getLocalPort();
    }
    ChatClient client =
        client(ClientOptions.builder().host("127.0.0.1").port(closedPort).token("t"));

    client.connect();

    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(client.state().detail()).contains("refused"));
    assertThat(client.state().phase()).isEqualTo(ConnectionState.Phase.CONNECTING);
  }

  @Test
  void of_several_servers_one_that_can_be_had_is_found() throws Exception {
    int closedPort;
    try (ServerSocket socket = new ServerSocket(0)) {
      closedPort = socket.getLocalPort();
    }
    ScriptedServer server = server();
    for (int i = 0; i < 4; i++) { // the first is picked at random
      ChatClient client = client(server
          .options()
          .servers(List.of("127.0.0.1:" + closedPort, "localhost:" + server.port()))
          .backoff(Duration.ofMinutes(5), Duration.ofMinutes(5)));

      CompletableFuture<Identity> connected = client.connect();
      server.accept().welcome();

      await().atMost(PATIENCE).until(connected::isDone);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 425, 429, 500, 502, 503, 504})
  void a_passing_fault_at_login_is_passed(int status) throws Exception {
    AtomicInteger asked = new AtomicInteger();
    int port = http(path -> {
      asked.incrementAndGet();
      return "HTTP/1.1 " + status + " Something\r\nContent-Length: 0\r\n\r\n";
    });
    ChatClient client = client(ClientOptions.builder()
        .host("127.0.0.1")
        .port(port)
        .login("alice", "secret")
        .backoff(Duration.ofMillis(5), Duration.ofMillis(10)));

    client.connect();

    await().atMost(PATIENCE).until(() -> asked.get() >= 3);
    assertThat(client.state().phase()).isEqualTo(ConnectionState.Phase.CONNECTING);
    assertThat(client.state().detail()).contains("HTTP " + status);
  }

  @Test
  void an_account_is_made_before_it_is_logged_in_to_and_a_refusal_keeps_its_words()
      throws Exception {
    List<String> paths = Collections.synchronizedList(new ArrayList<>());
    int port = http(path -> {
      paths.add(path);
      String body = "{\"code\":400,\"error\":\"a name of 1 to 64 characters\"}";
      return "HTTP/1.1 400 Bad Request\r\nX-Error-Code: invalid_argument\r\nContent-Length: "
          + body.length() + "\r\n\r\n" + body;
    });
    ChatClient client = client(ClientOptions.builder()
        .host("127.0.0.1")
        .port(port)
        .login("alice", "secret")
        .register(true));

    assertThatThrownBy(() -> client.connect().join())
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("invalid_argument a name of 1 to 64 characters");
    assertThat(paths).containsExactly("/user/register");
  }

  // ---- closing

  @Test
  void closing_during_a_login_leaves_no_socket_open() throws Exception {
    EventLoopGroup own = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    open.add(() -> own.shutdownGracefully(0, 1, TimeUnit.SECONDS));
    ServerSocket hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(hanging);
    for (int i = 0; i < 10; i++) {
      ChatClient client = client(ClientOptions.builder()
          .host("127.0.0.1")
          .port(hanging.getLocalPort())
          .login("alice", "secret")
          .eventLoops(own));
      client.connect();
      Socket accepted = hanging.accept();
      accepted.setSoTimeout((int) PATIENCE.toMillis());

      client.close();

      assertThat(readToEnd(accepted.getInputStream())).isTrue();
      accepted.close();
    }
  }

  private static boolean readToEnd(InputStream in) throws IOException {
    byte[] buffer = new byte[4_096];
    try {
      while (in.read(buffer) >= 0) {}
    } catch (SocketException e) {
      return true; // reset
    }
    return true;
  }

  @Test
  void draining_waits_for_what_was_published_and_takes_no_more() throws Exception {
    try (RealServer server = new RealServer(directory)) {
      ChatClient client = client(server.options("alice"));
      client.connect().join();
      List<CompletableFuture<Published>> published = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        published.add(client.publish(Topic.room(7), "text " + i));
      }

      CompletableFuture<Void> drained = client.drain(PATIENCE);

      assertThatThrownBy(() -> client.publish(Topic.room(7), "too late").join())
          .hasMessageContaining("drained");
      drained.join();
      assertThat(published).allMatch(each -> each.isDone() && !each.isCompletedExceptionally());
    }
  }

  @Test
  void after_the_end_a_publish_fails_for_the_reason_of_the_end() throws Exception {
    ScriptedServer server = server();
    ChatClient client = client(server.options());
    client.connect();
    ScriptedServer.Peer peer = server.accept();
    peer.welcome();
    peer.goAway(io.gochat.protocol.GoAway.Reason.REVOKED, 0, true);
    await().atMost(PATIENCE).until(() -> client.state().phase() == ConnectionState.Phase.CLOSED);
    await().atMost(PATIENCE).until(() -> !SharedResources.isInUse());

    assertThatThrownBy(() -> client.publish(Topic.room(7), "too late").join())
        .hasMessageContaining("REVOKED");
  }

  // ---- small things

  @Test
  @SuppressWarnings("NullAway") // as callers without such checks do
  void null_is_refused_at_once() {
    ChatClient client = client(ClientOptions.builder().token("t"));

    assertThat(client.publish(null, "text")).isCompletedExceptionally();
    assertThat(client.publish(Topic.room(1), null)).isCompletedExceptionally();
    assertThat(client.publishTo(null, "text")).isCompletedExceptionally();
  }

  @Test
  void a_position_store_without_its_directory_ends_the_client_with_a_word() {
    ChatClient client = client(ClientOptions.builder()
        .token("t")
        .positionStore(new FilePositionStore(directory.resolve("missing").resolve("file"))));

    assertThatThrownBy(() -> client.connect().join())
        .hasMessageContaining("there is no directory " + directory.resolve("missing"));
  }

  @Test
  void a_publish_by_name_arrives_and_one_to_nobody_is_refused() throws Exception {
    try (RealServer server = new RealServer(directory)) {
      List<String> texts = Collections.synchronizedList(new ArrayList<>());
      ChatClient bob = client(server.options("bob"));
      bob.onMessage(message -> texts.add(message.text()));
      bob.connect().join();
      ChatClient alice = client(server.options("alice"));
      alice.connect().join();

      alice.publishTo("bob", "hello").join();

      await().atMost(PATIENCE).until(() -> texts.contains("hello"));
      assertThatThrownBy(() -> alice.publishTo("nobody", "hello").join())
          .hasMessageContaining("RECIPIENT_UNKNOWN");
    }
  }

  @Test
  void a_supplier_is_asked_for_a_token_and_again_when_it_fails() throws Exception {
    ScriptedServer server = server();
    AtomicInteger asked = new AtomicInteger();
    ChatClient client = client(server.options().token(() -> {
      switch (asked.incrementAndGet()) {
        case 1 -> throw new IllegalStateException("not yet");
        case 2 -> throw new AssertionError("not yet");
        default -> {
          return "token";
        }
      }
    }));

    CompletableFuture<Identity> connected = client.connect();
    server.accept().welcome();

    await().atMost(PATIENCE).until(connected::isDone);
    assertThat(asked).hasValue(3);
  }

  @Test
  void a_publish_may_have_an_expiry_of_its_own() throws Exception {
    ScriptedServer server = server();
    ChatClient client = client(server.options());
    client.connect();
    server.accept().welcome();
    CompletableFuture<Published> patient = client.publish(Topic.room(1), "patient");

    CompletableFuture<Published> hasty = client.publish(
        Topic.room(2), "hasty", PublishOptions.DEFAULT.withExpiry(Duration.ofMillis(50)));

    assertThatThrownBy(hasty::join).hasMessageContaining("EXPIRED");
    assertThat(patient).isNotDone();
  }

  private ScriptedServer server() throws IOException {
    ScriptedServer server = new ScriptedServer();
    open.add(server);
    return server;
  }

  private ChatClient client(ClientOptionsBuilder options) {
    ChatClient client = ChatClient.create(options.build());
    open.add(0, client);
    return client;
  }

  private interface Answers {
    String to(String path);
  }

  /** An HTTP server that answers one request per connection. */
  private int http(Answers answers) throws IOException {
    ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    open.add(listening);
    Thread thread = new Thread(() -> {
      while (!listening.isClosed()) {
        try (Socket socket = listening.accept()) {
          byte[] buffer = new byte[4_096];
          int length = socket.getInputStream().read(buffer);
          String request = new String(buffer, 0, Math.max(0, length), StandardCharsets.UTF_8);
          String answer = answers.to(request.split(" ", -1)[1]);
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
        } catch (IOException | ArrayIndexOutOfBoundsException e) {
          // Closed, or a client that left.
        }
      }
    });
    thread.setDaemon(true);
    thread.start();
    return listening.getLocalPort();
  }
}
