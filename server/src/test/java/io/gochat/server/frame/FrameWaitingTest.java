package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.AccountStore;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.frame.FrameServer.User;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.FailingAllocator;
import io.gochat.testing.TestResources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What waits for the store, or for a client that does not read; a server per test. */
@SuppressWarnings("NullAway.Init")
class FrameWaitingTest {
  private static final long ROOM = 7;
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  Path directory;

  @AutoClose
  private final TestResources opened = new TestResources();

  private FrameServer start(String... flags) throws Exception {
    return opened.add(new FrameServer(directory, flags));
  }

  // ---- answers that nobody wants, and memory that is not there ----

  @Test
  void reads_whose_answer_nobody_wants_are_not_worked_for() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      client.send(ClientFrame.newBuilder()
          .setFetch(Fetch.newBuilder().setTopic(room(ROOM)).setLimit(10))
          .build());
      client.send(ClientFrame.newBuilder()
          .setGetRoomInfo(GetRoomInfo.newBuilder().setRoomId(ROOM))
          .build());

      client.expectNothing();

      assertThat(server.log.reads).isEmpty();
      assertThat(client.fetch(room(ROOM), 0, 10).hasHistory()).isTrue();
      assertThat(server.log.reads).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void an_allocation_that_fails_costs_its_own_connection_alone(int buffersBefore) throws Exception {
    FrameServer server = start();
    try (FrameTestClient victim = server.connect(server.user());
        FrameTestClient other = server.connect(server.user())) {
      other.join(ROOM);
      Connection connection = server.registry.all().stream()
          .min(Comparator.comparingLong(Connection::userId))
          .orElseThrow();
      FailingAllocator memory = new FailingAllocator();
      connection.channel().config().setAllocator(memory);

      memory.emptyAfter(buffersBefore);
      await().atMost(SOON).ignoreExceptions().until(() -> {
        if (connection.channel().isOpen()) {
          victim.send(ClientFrame.newBuilder()
              .setRequestId(9)
              .setPublish(Publish.newBuilder().setTopic(room(ROOM)).setText("no room for it"))
              .build());
        }
        return !connection.channel().isOpen();
      });

      other.publish(room(ROOM), "for all that");
      await().atMost(SOON).until(() -> other.delivery().getText().equals("for all that"));
      await().atMost(SOON).until(() -> server.registry.size() == 1);
    }
  }

  // ---- order and bounds of what waits for the store ----

  @Test
  void beyond_64_unanswered_publishes_the_server_stops_reading() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      server.log.publishGate = GatedLog.shut();
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ids.add(client.post(publishing(room(ROOM), "m" + i, "")));
      }
      await().until(() -> server.log.published.size() >= 64);
      // Whatever the server would do with the 65th, it has had the time to do it.
      try (FrameTestClient other = server.connect(server.user())) {
        other.expectNothing();
      }
      assertThat(server.log.published).hasSize(64);
      server.log.publishGate.complete(null);

      long seq = 0;
      for (long id : ids) {
        assertThat(client.answer(id).getPublished().getSeq()).isEqualTo(++seq);
      }
    }
  }

  @Test
  void a_publish_whose_recipient_is_looked_up_is_not_overtaken() throws Exception {
    AtomicReference<CompletableFuture<Void>> lookUp =
        new AtomicReference<>(CompletableFuture.completedFuture(null));
    FrameServer server =
        opened.add(new FrameServer(directory, accounts -> new SlowLookUps(accounts, lookUp)));
    User sender = server.user();
    Account recipient = server.account();
    try (FrameTestClient client = server.connect(sender)) {
      lookUp.set(new CompletableFuture<>());
      List<Long> ids = new ArrayList<>();
      ids.add(client.post(publishing(inbox(recipient.userId()), "1", "")));
      ids.add(client.post(publishing(room(ROOM), "2", "")));
      ids.add(client.post(ClientFrame.newBuilder()
          .setPublish(Publish.newBuilder().setToUserName(recipient.username()).setText("3"))));
      ids.add(client.post(publishing(inbox(987_654), "nobody", "")));
      ids.add(client.post(publishing(room(ROOM), "4", "")));
      client.expectNothing();
      assertThat(server.log.published).isEmpty();
      requireNonNull(lookUp.get()).complete(null);

      assertThat(client.answer(ids.get(0)).hasPublished()).isTrue();
      assertThat(client.answer(ids.get(4)).hasPublished()).isTrue();
      assertThat(server.log.published)
          .extracting(Publication::text)
          .containsExactly("1", "2", "3", "4");
      ServerFrame unknown = client.push();
      while (unknown.getRequestId() != ids.get(3)) {
        unknown = client.push();
      }
      assertThat(unknown.getError().getCode()).isEqualTo(ErrorCode.RECIPIENT_UNKNOWN);
    }
  }

  @Test
  void what_the_store_refuses_is_counted_once() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      server.store.close();

      Error error = client.publish(room(ROOM), "text").getError();

      assertThat(error.getCode()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
      assertThat(server.refused()).isEqualTo(1);
      assertThat(server.refused(ErrorKind.STORE_UNAVAILABLE)).isEqualTo(1);
    }
  }

  @Test
  void a_hello_that_the_store_does_not_answer_is_cut_by_a_deadline() throws Exception {
    FrameServer server = start();
    User user = server.user();
    server.log.stateGate = GatedLog.shut();
    try (FrameTestClient client = server.connect()) {
      server.advance(Duration.ofSeconds(9));
      client.post(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())));
      await().until(() -> !server.log.states.isEmpty());
      server.advance(Duration.ofSeconds(9));
      assertThat(server.closed("overload")).isZero();
      server.advance(Duration.ofSeconds(2));

      ServerFrame goodbye = client.push();
      assertThat(goodbye.getGoAway().getReason()).isEqualTo(GoAway.Reason.OVERLOAD);
      assertThat(goodbye.getGoAway().getFinal()).isFalse();
      assertThat(server.closed("overload")).isEqualTo(1);
      server.advance(Duration.ofSeconds(5));
      assertThat(client.next()).isNull();
    }
    assertThat(server.registry.size()).isZero();
  }

  @Test
  void what_concerns_a_room_waits_for_its_join() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      server.log.stateGate = GatedLog.shut();
      long join = client.post(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(ROOM)));
      long publish = client.post(publishing(room(ROOM), "mine", ""));
      long leave =
          client.post(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setRoomId(ROOM)));
      await().until(() -> server.log.states.contains(Topic.room(ROOM)));
      assertThat(server.log.published).isEmpty();
      server.log.stateGate.complete(null);

      assertThat(client.push().getRequestId()).isEqualTo(join);
      assertThat(client.answer(publish).hasPublished()).isTrue();
      assertThat(client.answer(leave).hasDone()).isTrue();
    }
  }

  @Test
  void a_store_that_is_down_is_said_and_the_connection_stays() throws Exception {
    FrameServer server = start();
    User user = server.user();
    try (FrameTestClient client = server.connect(user);
        FrameTestClient late = server.connect()) {
      CompletableFuture<Void> down =
          CompletableFuture.failedFuture(new StoreUnavailableException("down"));
      server.log.publishGate = down;
      server.log.stateGate = down;
      server.log.readGate = down;
      List<ServerFrame> answers = List.of(
          client.publish(room(ROOM), "text"),
          client.call(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(ROOM))),
          client.ack(inbox(user.id()), 1, 0),
          client.fetch(room(ROOM), 0, 1),
          late.call(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token()))));
      server.log.publishGate = CompletableFuture.completedFuture(null);
      server.log.stateGate = server.log.publishGate;
      server.log.readGate = server.log.publishGate;

      for (ServerFrame answer : answers) {
        assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.STORE_UNAVAILABLE);
        assertThat(answer.getError().getRetryAfterMs()).isPositive();
        assertThat(answer.getError().getFatal()).isFalse();
      }
      client.join(ROOM);
      late.hello(user.token());
      assertThat(server.registry.size()).isEqualTo(2);
    }
  }

  // ---- consumers that do not read ----

  @Test
  void a_client_that_does_not_read_its_answers_is_not_read_either() throws Exception {
    FrameServer server = start();
    User user = server.user();
    try (FrameTestClient writer = server.connect(user)) {
      for (int i = 0; i < 64; i++) {
        writer.post(publishing(room(ROOM), "x".repeat(16_000), ""));
      }
      writer.publish(room(ROOM), "last");
    }
    try (FrameTestClient client = server.connect(4_096)) {
      client.hello(user.token());
      server.log.reads.clear();
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        ids.add(client.post(ClientFrame.newBuilder()
            .setFetch(Fetch.newBuilder().setTopic(room(ROOM)).setLimit(100))));
      }
      await().until(() -> server.pendingBytes() > 64 * 1_024);
      long stopped = server.pendingBytes();

      // A watermark and one frame, not three hundred frames.
      assertThat(stopped).isLessThan(3L << 20);
      assertThat(server.log.reads).hasSizeLessThan(20);
      for (long id : ids) {
        assertThat(client.answer(id).getHistory().getMessagesCount()).isBetween(60, 65);
      }
    }
  }

  @Test
  void a_client_that_never_reads_its_answers_is_closed_at_the_deadline() throws Exception {
    FrameServer server = start();
    User user = server.user();
    try (FrameTestClient writer = server.connect(user)) {
      for (int i = 0; i < 64; i++) {
        writer.post(publishing(room(ROOM), "x".repeat(16_000), ""));
      }
      writer.publish(room(ROOM), "last");
    }
    await().until(() -> server.registry.size() == 0);
    try (FrameTestClient client = server.connect(4_096)) {
      client.hello(user.token());
      for (int i = 0; i < 100; i++) {
        client.post(ClientFrame.newBuilder()
            .setFetch(Fetch.newBuilder().setTopic(room(ROOM)).setLimit(100)));
      }
      await().until(() -> server.pendingBytes() > 64 * 1_024);
      for (int i = 0; i < 5; i++) {
        server.advance(Duration.ofSeconds(31));
      }
      assertThat(server.closed("overload")).isEqualTo(1);
      server.advance(Duration.ofSeconds(5));

      await().until(() -> server.registry.size() == 0);
    }
  }

  /** Look-ups by id that answer when told. */
  private record SlowLookUps(AccountStore real, AtomicReference<CompletableFuture<Void>> gate)
      implements AccountStore {
    @Override
    public CompletableFuture<Optional<Account>> create(
        String username, String key, String passwordHash, @Nullable Origin origin) {
      return real.create(username, key, passwordHash, origin);
    }

    @Override
    public CompletableFuture<Boolean> replace(Account known, Account changed) {
      return real.replace(known, changed);
    }

    @Override
    public CompletableFuture<Optional<Account>> findByKey(String key) {
      return real.findByKey(key);
    }

    @Override
    public CompletableFuture<Optional<Account>> findById(long userId) {
      return requireNonNull(gate.get()).thenCompose(opened -> real.findById(userId));
    }
  }
}
