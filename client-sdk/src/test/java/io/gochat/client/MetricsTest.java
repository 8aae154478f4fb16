package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.client.ScriptedServer.Peer;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ClientFrame.CommandCase;
import io.gochat.protocol.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an application may count. */
final class MetricsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<String> told = new CopyOnWriteArrayList<>();
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
  void connections_publishes_messages_and_gaps_are_told() throws Exception {
    ChatClient client = ChatClient.create(server.options().metrics(new Told()).build());
    Recorder recorder = Recorder.of(client);
    client.connect();
    server.accept().close();
    Peer peer = server.acceptAndWelcome();
    recorder.awaitPhase(ConnectionState.Phase.CONNECTED);
    CompletableFuture<Published> good = client.publish(Topic.room(1), "good");
    ClientFrame first = peer.expect(CommandCase.PUBLISH);
    peer.error(first, ErrorCode.OVERLOADED, 1, false);
    peer.published(peer.expect(CommandCase.PUBLISH), 1, false);
    good.get(30, TimeUnit.SECONDS);
    CompletableFuture<Published> bad = client.publish(Topic.room(1), "bad");
    peer.error(peer.expect(CommandCase.PUBLISH), ErrorCode.FORBIDDEN, 0, false);
    assertThatThrownBy(() -> bad.get(30, TimeUnit.SECONDS)).isNotNull();
    peer.deliver(Topic.user(ScriptedServer.USER), 1, 901, "one");
    peer.gap(Topic.user(ScriptedServer.USER), 2, 4, ScriptedServer.EPOCH);
    await().atMost(PATIENCE).until(() -> told.contains("lost 2 to 4"));

    client.close();

    assertThat(told)
        .containsExactly(
            "attempt failed",
            "connected",
            "sent again OVERLOADED",
            "published after 2",
            "publish failed FORBIDDEN",
            "delivered one",
            "lost 2 to 4",
            "disconnected");
  }

  @Test
  void metrics_that_throw_harm_nothing() throws Exception {
    ChatClient client = ChatClient.create(server.options().metrics(new Broken()).build());
    Recorder recorder = Recorder.of(client);
    client.connect();
    Peer peer = server.acceptAndWelcome();

    peer.deliver(Topic.user(ScriptedServer.USER), 1, 901, "one");
    recorder.awaitMessages(1);
    CompletableFuture<Published> published = client.publish(Topic.room(1), "text");
    ClientFrame next = peer.read();
    while (next.getCommandCase() != CommandCase.PUBLISH) {
      next = peer.read();
    }
    peer.published(next, 1, false);

    assertThat(published.get(30, TimeUnit.SECONDS).seq()).isEqualTo(1);
    assertThat(client.state().phase()).isEqualTo(ConnectionState.Phase.CONNECTED);
    client.close();
  }

  @Test
  void what_waits_can_be_asked() throws Exception {
    ChatClient client = ChatClient.create(server.options().build());
    client.connect();
    Peer peer = server.acceptAndWelcome();
    CompletableFuture<Published> published = client.publish(Topic.room(1), "text");

    assertThat(client.unansweredRequests()).isEqualTo(1);
    peer.published(peer.expect(CommandCase.PUBLISH), 1, false);
    published.get(30, TimeUnit.SECONDS);

    assertThat(client.unansweredRequests()).isZero();
    assertThat(client.waitingMessages()).isZero();
    client.close();
  }

  private final class Told implements ClientMetrics {
    @Override
    public void connected() {
      told.add("connected");
    }

    @Override
    public void disconnected() {
      told.add("disconnected");
    }

    @Override
    public void attemptFailed(String detail) {
      told.add("attempt failed");
    }

    @Override
    public void published(Duration took, int sent) {
      told.add("published after " + sent);
    }

    @Override
    public void publishFailed(Failure why) {
      told.add("publish failed " + why);
    }

    @Override
    public void sentAgain(Failure why) {
      told.add("sent again " + why);
    }

    @Override
    public void delivered(Message message) {
      told.add("delivered " + message.text());
    }

    @Override
    public void lost(Gap gap) {
      told.add("lost " + gap.fromSeq() + " to " + gap.toSeq());
    }
  }

  private static final class Broken implements ClientMetrics {
    @Override
    public void connected() {
      throw new IllegalStateException("connected");
    }

    @Override
    public void published(Duration took, int sent) {
      throw new AssertionError("published");
    }

    @Override
    public void delivered(Message message) {
      throw new NoClassDefFoundError("delivered");
    }
  }
}
