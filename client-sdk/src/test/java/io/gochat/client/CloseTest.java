package io.gochat.client;

import static io.gochat.client.ScriptedServer.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.client.ScriptedServer.Peer;
import io.gochat.protocol.ClientFrame.CommandCase;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a client ends, and what it leaves behind. */
final class CloseTest {
  private static final Topic INBOX = Topic.user(USER);

  private ScriptedServer server;

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  void everything_unanswered_fails_with_the_reason() throws Exception {
    ChatClient client = ChatClient.create(server.options().build());
    var connected = client.connect();
    Peer peer = server.acceptAndWelcome();
    connected.get(30, TimeUnit.SECONDS);
    List<CompletableFuture<?>> pending = List.of(
        client.publish(Topic.room(1), "one"),
        client.publish(Topic.room(1), "two"),
        client.join(1),
        client.leave(2),
        client.roomInfo(3),
        client.history(Topic.room(4), 0, 10),
        client.history(Topic.room(4), 10, 10));
    peer.read();

    client.close();

    for (CompletableFuture<?> future : pending) {
      assertFailsAsClosed(future);
    }
    assertFailsAsClosed(client.publish(Topic.room(1), "late"));
    assertFailsAsClosed(client.join(1));
    assertThat(client.state().closeReason()).contains(CloseReason.CALLER);
    assertThat(peer.isClosedByClient()).isTrue();
    assertThat(server.isVisitedWithin(100)).isFalse();
  }

  @Test
  void a_client_that_never_connected_closes_too() {
    ChatClient client = ChatClient.create(server.options().build());
    Recorder recorder = Recorder.of(client);

    client.close();
    client.close();

    assertThat(recorder.phases()).containsExactly(ConnectionState.Phase.CLOSED);
    assertFailsAsClosed(client.connect());
  }

  @Test
  void the_last_acknowledgement_is_sent_before_the_end() throws Exception {
    ChatClient client = ChatClient.create(server.options().build());
    Recorder recorder = Recorder.of(client);
    client.connect();
    Peer peer = server.acceptAndWelcome();
    peer.deliver(INBOX, 1, 901, "one");
    recorder.awaitMessages(1);
    // Not confirmed, so that the second can only go out with the closing.
    peer.expect(CommandCase.ACK);
    peer.deliver(INBOX, 2, 902, "two");
    recorder.awaitMessages(2);

    client.close();

    assertThat(peer.expect(CommandCase.ACK).getAck().getSeq()).isEqualTo(2);
    assertThat(peer.isClosedByClient()).isTrue();
  }

  @Test
  void a_connection_that_breaks_while_closing_is_not_made_again() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    ChatClient client = ChatClient.create(server.options().build());
    client.onMessage(m -> {
      try {
        go.await(30, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    Recorder recorder = Recorder.of(client);
    client.connect();
    Peer peer = server.acceptAndWelcome();
    peer.deliver(INBOX, 1, 901, "one");
    recorder.awaitPhase(ConnectionState.Phase.CONNECTED);

    var closed = client.closeAsync();
    peer.close();
    assertThat(server.isVisitedWithin(200)).isFalse();
    go.countDown();

    closed.get(30, TimeUnit.SECONDS);
    assertThat(server.isVisitedWithin(100)).isFalse();
  }

  @Test
  void a_listener_may_close_its_client() throws Exception {
    ChatClient client = ChatClient.create(server.options().build());
    Recorder recorder = Recorder.of(client);
    client.onMessage(m -> client.close());
    client.connect();
    Peer peer = server.acceptAndWelcome();

    peer.deliver(INBOX, 1, 901, "one");
    peer.deliver(INBOX, 2, 902, "two");

    recorder.awaitPhase(ConnectionState.Phase.CLOSED);
    client.closeAsync().get(30, TimeUnit.SECONDS);
    assertThat(recorder.messages()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void a_listener_that_never_returns_does_not_hold_the_closing_for_ever() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    ChatClient client = ChatClient.create(server.options().build());
    CountDownLatch inside = new CountDownLatch(1);
    client.onMessage(m -> {
      inside.countDown();
      try {
        never.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    client.connect();
    Peer peer = server.acceptAndWelcome();
    peer.deliver(INBOX, 1, 901, "one");
    inside.await(30, TimeUnit.SECONDS);

    client.closeAsync().get(30, TimeUnit.SECONDS);

    assertThat(peer.isClosedByClient()).isTrue();
    never.countDown();
  }

  @Test
  void the_shared_threads_end_with_the_last_client() throws Exception {
    List<ChatClient> clients = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      ChatClient client = ChatClient.create(server.options().build());
      clients.add(client);
      client.connect();
      server.acceptAndWelcome();
    }
    assertThat(threads("gochat-client-io"))
        .isLessThanOrEqualTo(Math.min(4, Runtime.getRuntime().availableProcessors()));
    assertThat(SharedResources.isInUse()).isTrue();

    clients.forEach(ChatClient::close);

    assertThat(SharedResources.isInUse()).isFalse();
    await().atMost(Duration.ofSeconds(30)).until(() -> threads("gochat-client-io") == 0);
  }

  @Test
  void an_event_loop_group_of_the_application_is_used_and_left_alone() throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      ChatClient client = ChatClient.create(server.options().eventLoops(group).build());
      client.connect();
      server.acceptAndWelcome();

      client.close();

      assertThat(group.isShuttingDown()).isFalse();
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void an_event_loop_group_that_is_gone_fails_calls_instead_of_hanging() throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    ChatClient client = ChatClient.create(server.options().eventLoops(group).build());
    var connected = client.connect();
    server.acceptAndWelcome();
    connected.get(30, TimeUnit.SECONDS);
    var pending = client.publish(Topic.room(1), "unanswered");

    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).get(30, TimeUnit.SECONDS);

    assertFailsAsClosed(pending);
    assertFailsAsClosed(client.publish(Topic.room(1), "late"));
    client.closeAsync().get(30, TimeUnit.SECONDS);
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(t -> t.getName().startsWith(name))
        .count();
  }

  private static void assertFailsAsClosed(CompletableFuture<?> future) {
    assertThatThrownBy(() -> future.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(ChatException.class, e -> {
          assertThat(e.failure()).isEqualTo(Failure.CLOSED);
          assertThat(e.closeReason()).contains(CloseReason.CALLER);
        });
  }
}
