package io.gochat.client;

import static io.gochat.client.ScriptedServer.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.client.ScriptedServer.Peer;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ClientFrame.CommandCase;
import io.gochat.protocol.Done;
import io.gochat.protocol.ServerFrame;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listeners that throw, dawdle or acknowledge, and what becomes of positions. */
final class ListenerTest {
  private static final Topic INBOX = Topic.user(USER);
  private static final String TEXT = "x".repeat(10_000);

  @TempDir
  Path directory;

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
  void a_listener_that_throws_harms_nobody() throws Exception {
    try (ChatClient client = ChatClient.create(server.options().build())) {
      client.onMessage(m -> {
        throw new IllegalStateException("a bug of the application");
      });
      Recorder recorder = Recorder.of(client);
      client.connect();
      Peer peer = server.acceptAndWelcome();

      peer.deliver(INBOX, 1, 901, "one");
      peer.deliver(INBOX, 2, 902, "two");

      recorder.awaitMessages(2);
      assertThat(recorder.texts()).containsExactly("one", "two");
      assertThat(readAck(peer).getAck().getSeq()).isPositive();
    }
  }

  @Test
  void errors_of_a_listener_of_a_position_store_and_of_metrics_are_survived_too() throws Exception {
    PositionStore broken = new PositionStore() {
      @Override
      public Map<Topic, Position> load() {
        return Map.of();
      }

      @Override
      public void save(Map<Topic, Position> positions) {
        throw new ServiceConfigurationError("of a test");
      }
    };
    ClientMetrics metrics = new ClientMetrics() {
      @Override
      public void delivered(Message message) {
        throw new ServiceConfigurationError("of a test");
      }
    };
    ClientOptions options =
        server.options().positionStore(broken).metrics(metrics).build();
    try (ChatClient client = ChatClient.create(options)) {
      client.onMessage(m -> {
        throw new ServiceConfigurationError("of a test");
      });
      Recorder recorder = Recorder.of(client);
      client.connect();
      Peer peer = server.acceptAndWelcome();

      peer.deliver(INBOX, 1, 901, "one");
      recorder.awaitMessages(1);
      peer.deliver(INBOX, 2, 902, "two");

      recorder.awaitMessages(2);
      assertThat(recorder.texts()).containsExactly("one", "two");
    }
  }

  @Test
  void listeners_are_called_one_at_a_time_in_order_and_off_the_event_loop() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (ChatClient client =
        ChatClient.create(server.options().listenerExecutor(pool).build())) {
      AtomicInteger inside = new AtomicInteger();
      Set<String> overlaps = Collections.synchronizedSet(new HashSet<>());
      List<Long> seen = Collections.synchronizedList(new ArrayList<>());
      client.onMessage(m -> {
        if (inside.incrementAndGet() != 1) {
          overlaps.add("two at once");
        }
        if (Thread.currentThread().getName().contains("-io-")) {
          overlaps.add("on the loop");
        }
        seen.add(m.seq());
        inside.decrementAndGet();
      });
      client.connect();
      Peer peer = server.acceptAndWelcome();

      for (int seq = 1; seq <= 2_000; seq++) {
        peer.deliver(INBOX, seq, 10_000 + seq, "m");
      }

      await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == 2_000);
      assertThat(overlaps).isEmpty();
      assertThat(seen).isSorted();
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void a_slow_listener_stops_the_reading_and_loses_nothing() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    List<Long> seen = Collections.synchronizedList(new ArrayList<>());
    try (ChatClient client = ChatClient.create(
        server.options().inboundQueue(16).heartbeat(Duration.ofMillis(100)).build())) {
      client.onMessage(m -> {
        awaitQuietly(go);
        seen.add(m.seq());
      });
      client.connect();
      Peer peer = server.acceptAndWelcome();

      // Far more than the client and both socket buffers hold, so that writing must block.
      int count = 3_000;
      AtomicInteger written = new AtomicInteger();
      CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
        try {
          for (int seq = 1; seq <= count; seq++) {
            peer.deliver(INBOX, seq, 10_000 + seq, TEXT);
            written.set(seq);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
      awaitStall(written);
      assertThat(writer).isNotDone();
      // It pings on although it does not read, and its own silence clock stands still.
      for (int i = 0; i < 5; i++) {
        assertThat(peer.readAny().getCommandCase()).isEqualTo(CommandCase.PING);
      }
      assertThat(client.state().phase()).isEqualTo(ConnectionState.Phase.CONNECTED);

      go.countDown();
      writer.get(30, TimeUnit.SECONDS);
      await().atMost(Duration.ofSeconds(30)).until(() -> seen.size() == count);
      assertThat(seen).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void a_listener_may_publish_and_wait_for_the_answer_while_there_is_room() throws Exception {
    try (ChatClient client = ChatClient.create(server.options().build())) {
      CompletableFuture<Long> answer = new CompletableFuture<>();
      client.onMessage(m -> answer.complete(
          client.publish(Topic.room(5), "echo " + m.text()).join().seq()));
      client.connect();
      Peer peer = server.acceptAndWelcome();

      peer.deliver(INBOX, 1, 901, "one");
      peer.published(peer.expect(CommandCase.PUBLISH), 42, false);

      assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(42);
    }
  }

  @Test
  void what_was_handed_over_is_acknowledged_once_the_listener_has_returned() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (ChatClient client = ChatClient.create(server.options().build())) {
      client.onMessage(m -> {
        if (m.seq() == 3) {
          awaitQuietly(go);
        }
      });
      client.connect();
      Peer peer = server.acceptAndWelcome();
      for (int seq = 1; seq <= 3; seq++) {
        peer.deliver(INBOX, seq, 900 + seq, "m");
      }
      go.countDown();

      long acknowledged = 0;
      while (acknowledged < 3) {
        ClientFrame ack = readAck(peer);
        assertThat(ack.getAck().getEpoch()).isEqualTo(ScriptedServer.EPOCH);
        assertThat(ack.getAck().getTopic()).isEqualTo(Wire.topic(INBOX));
        assertThat(ack.getAck().getSeq()).isGreaterThan(acknowledged);
        acknowledged = ack.getAck().getSeq();
        done(peer, ack);
      }
    }
  }

  @Test
  void an_acknowledgement_that_was_not_confirmed_is_sent_again_on_the_next_connection()
      throws Exception {
    try (ChatClient client = ChatClient.create(server.options().build())) {
      client.connect();
      Peer first = server.acceptAndWelcome();
      first.deliver(INBOX, 1, 901, "one");
      assertThat(readAck(first).getAck().getSeq()).isEqualTo(1);

      first.close();
      Peer second = server.acceptAndWelcome();

      assertThat(readAck(second).getAck().getSeq()).isEqualTo(1);
    }
  }

  @Test
  void with_manual_acknowledgement_nothing_is_acknowledged_before_the_call() throws Exception {
    try (ChatClient client =
        ChatClient.create(server.options().ackMode(AckMode.MANUAL).build())) {
      Recorder recorder = Recorder.of(client);
      client.connect();
      Peer peer = server.acceptAndWelcome();
      for (int seq = 1; seq <= 3; seq++) {
        peer.deliver(INBOX, seq, 900 + seq, "m" + seq);
      }
      recorder.awaitMessages(3);

      client.ack(recorder.messages().get(1));
      client.ack(recorder.messages().get(0));

      ClientFrame ack = readAck(peer);
      assertThat(ack.getAck().getSeq()).isEqualTo(2);
    }
  }

  @Test
  void a_restarted_process_resumes_from_the_position_store() throws Exception {
    Path file = directory.resolve("positions");
    ClientOptions options =
        server.options().positionStore(new FilePositionStore(file)).build();
    try (ChatClient before = ChatClient.create(options)) {
      Recorder recorder = Recorder.of(before);
      before.connect();
      Peer peer = server.acceptAndWelcome();
      var joined = before.join(5);
      peer.join(1);
      joined.get(30, TimeUnit.SECONDS);
      peer.deliver(INBOX, 1, 901, "i1");
      peer.deliver(Topic.room(5), 1, 902, "r1");
      recorder.awaitMessages(2);
    }

    try (ChatClient after = ChatClient.create(options)) {
      after.connect();
      Peer peer = server.accept();
      ClientFrame hello = peer.welcome();
      var joined = after.join(5);
      ClientFrame join = peer.join(2);
      joined.get(30, TimeUnit.SECONDS);

      var inbox = new Position(ScriptedServer.EPOCH, 1, 901);
      var room = new Position(ScriptedServer.EPOCH, 1, 902);
      assertThat(hello.getHello().getResumeList()).containsExactly(Wire.position(INBOX, inbox));
      assertThat(join.getJoin().getFrom()).isEqualTo(Wire.position(Topic.room(5), room));
    }
  }

  @Test
  void with_manual_acknowledgement_a_restarted_process_gets_the_rest_again() throws Exception {
    Path file = directory.resolve("positions");
    ClientOptions options = server
        .options()
        .ackMode(AckMode.MANUAL)
        .positionStore(new FilePositionStore(file))
        .build();
    try (ChatClient before = ChatClient.create(options)) {
      Recorder recorder = Recorder.of(before);
      before.connect();
      Peer peer = server.acceptAndWelcome();
      peer.deliver(INBOX, 1, 901, "handled");
      peer.deliver(INBOX, 2, 902, "not handled");
      recorder.awaitMessages(2);
      before.ack(recorder.messages().get(0));
      readAck(peer);
    }

    assertThat(new FilePositionStore(file).load())
        .isEqualTo(Map.of(INBOX, new Position(ScriptedServer.EPOCH, 1, 901)));
  }

  @Test
  void an_unreadable_position_store_closes_rather_than_skips() throws Exception {
    Path file = directory.resolve("positions");
    Files.writeString(file, "nonsense");
    try (ChatClient client = ChatClient.create(
        server.options().positionStore(new FilePositionStore(file)).build())) {
      Recorder recorder = Recorder.of(client);
      client.connect();

      recorder.awaitPhase(ConnectionState.Phase.CLOSED);
      assertThat(client.state().detail()).contains("position");
    }
  }

  @Test
  void an_executor_that_is_gone_stops_the_listeners_and_nothing_else() throws Exception {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try (ChatClient client = ChatClient.create(
        server.options().listenerExecutor(executor).inboundQueue(4).build())) {
      client.connect().thenRun(executor::shutdown);
      Peer peer = server.acceptAndWelcome();
      await().atMost(Duration.ofSeconds(30)).until(executor::isShutdown);

      for (int seq = 1; seq <= 100; seq++) {
        peer.deliver(INBOX, seq, 900 + seq, "m");
      }
      var published = client.publish(Topic.room(5), "still here");
      peer.published(peer.expect(CommandCase.PUBLISH), 1, false);

      assertThat(published.get(30, TimeUnit.SECONDS).seq()).isEqualTo(1);
    }
  }

  @Test
  void the_event_loop_itself_may_be_the_listener_executor() throws Exception {
    try (ChatClient client = ChatClient.create(
        server.options().listenerExecutor(Runnable::run).inboundQueue(4).build())) {
      Recorder recorder = Recorder.of(client);
      client.connect();
      Peer peer = server.acceptAndWelcome();

      for (int seq = 1; seq <= 500; seq++) {
        peer.deliver(INBOX, seq, 900 + seq, "m");
      }

      recorder.awaitMessages(500);
    }
  }

  private static ClientFrame readAck(Peer peer) throws Exception {
    return peer.expect(CommandCase.ACK);
  }

  private static void done(Peer peer, ClientFrame ack) throws Exception {
    peer.send(ServerFrame.newBuilder()
        .setRequestId(ack.getRequestId())
        .setDone(Done.getDefaultInstance()));
  }

  private static void awaitStall(AtomicInteger written) {
    AtomicInteger last = new AtomicInteger(-1);
    await()
        .pollInterval(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(30))
        .until(() -> last.getAndSet(written.get()) == written.get() && written.get() > 0);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
