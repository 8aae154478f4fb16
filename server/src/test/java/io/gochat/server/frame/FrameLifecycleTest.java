package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.position;
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
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.ServerFrame.EventCase;
import io.gochat.server.account.Account;
import io.gochat.server.account.Account.Origin;
import io.gochat.server.account.AccountStore;
import io.gochat.server.failure.StoreUnavailableException;
import io.gochat.server.frame.FrameServer.Setup;
import io.gochat.server.frame.FrameServer.User;
import io.gochat.server.messaging.MessageLog;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.Topic;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.server.registry.FailingAllocator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How connections live, are held back and end; a server per test, because most want one of their own. */
@SuppressWarnings("NullAway.Init")
class FrameLifecycleTest {
  private static final long ROOM = 7;
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  Path directory;

  private @Nullable FrameServer started;
  private GatedLog log;

  @AfterEach
  void stop() {
    if (started != null) {
      started.close();
    }
  }

  private FrameServer start(Setup setup) throws Exception {
    UnaryOperator<MessageLog> gate = real -> {
      log = new GatedLog(real);
      return log;
    };
    FrameServer server = new FrameServer(directory, setup.log(gate));
    started = server;
    return server;
  }

  private FrameServer start() throws Exception {
    return start(Setup.standard());
  }

  // ---- silence ----

  @Test
  void silence_of_two_and_a_half_heartbeats_ends_the_connection() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      server.advance(Duration.ofSeconds(74));
      client.expectNothing(); // a ping: the clock starts anew
      server.advance(Duration.ofSeconds(74));
      client.expectNothing();
      server.advance(Duration.ofSeconds(76));

      GoAway goodbye = client.goodbye();
      assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.IDLE);
      assertThat(goodbye.getFinal()).isFalse();
    }
  }

  @Test
  void silence_does_not_count_while_the_server_does_not_read() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      log.publishGate = GatedLog.shut();
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 65; i++) {
        ids.add(client.post(publishing(room(ROOM), "m" + i, "")));
      }
      await().until(() -> log.published.size() == 64);
      for (int i = 0; i < 5; i++) {
        server.advance(Duration.ofSeconds(60));
      }
      log.publishGate.complete(null);

      for (long id : ids) {
        assertThat(client.answer(id).hasPublished()).isTrue();
      }
    }
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

      assertThat(log.reads).isEmpty();
      assertThat(client.fetch(room(ROOM), 0, 10).hasHistory()).isTrue();
      assertThat(log.reads).hasSize(1);
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

  // ---- sessions ----

  @Test
  void logout_closes_every_connection_of_the_session_and_no_other() throws Exception {
    FrameServer server = start();
    User user = server.user();
    String other = server.token(user.id(), user.name());
    try (FrameTestClient one = server.connect(user);
        FrameTestClient two = server.connect(user);
        FrameTestClient three = server.connect()) {
      three.hello(other);

      assertThat(server.sessions.close(user.token()).join()).isTrue();

      for (FrameTestClient client : List.of(one, two)) {
        GoAway goodbye = client.goodbye();
        assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.REVOKED);
        assertThat(goodbye.getFinal()).isTrue();
      }
      three.expectNothing();
    }
  }

  @Test
  void an_expired_session_closes_its_connections() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      server.clock.advance(Duration.ofHours(25));
      server.sessions.sweep();

      GoAway goodbye = client.goodbye();
      // The clock of silence ran as well; whichever of the two looked first.
      assertThat(goodbye.getReason()).isIn(GoAway.Reason.EXPIRED, GoAway.Reason.IDLE);
    }
  }

  @Test
  void an_open_connection_keeps_its_session_alive() throws Exception {
    FrameServer server = start();
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      for (int hour = 0; hour < 30; hour++) {
        for (int minute = 0; minute < 60; minute++) {
          server.advance(Duration.ofMinutes(1));
          client.expectNothing();
        }
        server.sessions.sweep();
        // Written before time goes on: hours pass here while a disk syncs.
        long nowMs = server.clock.millis();
        await()
            .atMost(SOON)
            .until(() -> expiryOf(server, user) - nowMs >= Duration.ofHours(22).toMillis());
      }

      assertThat(server.sessions.check(user.token()).join()).isPresent();
      client.expectNothing();
    }
  }

  private static long expiryOf(FrameServer server, User user) {
    return server.store.sessions().ofUser(user.id(), 1).join().get(0).expiresAtMs();
  }

  @Test
  void a_session_that_ends_during_hello_leaves_no_open_connection() throws Exception {
    FrameServer server = start();
    User user = server.user();
    log.stateGate = GatedLog.shut();
    try (FrameTestClient client = server.connect()) {
      long hello =
          client.post(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())));
      await().until(() -> !log.states.isEmpty());
      // The token was good when it was checked; nobody could find this connection to close it.
      assertThat(server.sessions.close(user.token()).join()).isTrue();
      log.stateGate.complete(null);

      Error error = client.answer(hello).getError();
      assertThat(error.getCode()).isEqualTo(ErrorCode.TOKEN_INVALID);
      assertThat(error.getFatal()).isTrue();
      assertThat(client.next()).isNull();
    }
    await().until(() -> server.registry.size() == 0);
  }

  // ---- devices and limits ----

  @Test
  void a_second_connection_of_a_device_replaces_the_first() throws Exception {
    FrameServer server = start();
    User user = server.user();
    Hello.Builder phone = Hello.newBuilder().setToken(user.token()).setDeviceId("phone");
    try (FrameTestClient first = server.connect();
        FrameTestClient second = server.connect();
        FrameTestClient anonymous = server.connect(user)) {
      first.hello(phone);
      first.join(ROOM);
      second.hello(phone);

      GoAway goodbye = first.goodbye();
      assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.REPLACED);
      assertThat(goodbye.getFinal()).isTrue();
      second.expectNothing();
      anonymous.expectNothing();
      assertThat(second.roomInfo(ROOM).getRoomInfo().getCount()).isZero();
    }
  }

  @Test
  void more_connections_of_a_user_than_allowed_are_refused() throws Exception {
    FrameServer server = start(Setup.of("--max-connections-per-user=2"));
    User user = server.user();
    try (FrameTestClient one = server.connect(user);
        FrameTestClient two = server.connect(user);
        FrameTestClient three = server.connect()) {
      Error error = three
          .call(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())))
          .getError();

      assertThat(error.getCode()).isEqualTo(ErrorCode.TOO_MANY);
      assertThat(error.getFatal()).isTrue();
      assertThat(three.next()).isNull();
      one.expectNothing();
      two.expectNothing();
    }
    await().until(() -> server.registry.size() == 0);
    server.connect(user).close();
  }

  @Test
  void more_rooms_than_allowed_are_refused() throws Exception {
    FrameServer server = start(Setup.of("--max-rooms-per-connection=2"));
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      client.join(1);
      client.join(2);

      ServerFrame third =
          client.call(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(3)));
      assertThat(third.getError().getCode()).isEqualTo(ErrorCode.TOO_MANY);
      client.join(2); // again, which takes no more room
      client.leave(1);
      client.join(3);
    }
    try (FrameTestClient client = server.connect()) {
      Hello.Builder hello = Hello.newBuilder()
          .setToken(user.token())
          .addResume(position(inbox(user.id()), 0, 0))
          .addResume(position(room(1), 0, 0))
          .addResume(position(room(2), 0, 0));
      Hello.Builder tooMany = hello.clone().addResume(position(room(3), 0, 0));

      ServerFrame answer = client.call(ClientFrame.newBuilder().setHello(tooMany));
      assertThat(answer.getError().getCode()).isEqualTo(ErrorCode.TOO_MANY);
      assertThat(client.hello(hello).getResumedCount()).isEqualTo(3);
    }
  }

  // ---- order and bounds of what waits for the store ----

  @Test
  void beyond_64_unanswered_publishes_the_server_stops_reading() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      log.publishGate = GatedLog.shut();
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ids.add(client.post(publishing(room(ROOM), "m" + i, "")));
      }
      await().until(() -> log.published.size() >= 64);
      // Whatever the server would do with the 65th, it has had the time to do it.
      try (FrameTestClient other = server.connect(server.user())) {
        other.expectNothing();
      }
      assertThat(log.published).hasSize(64);
      log.publishGate.complete(null);

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
    FrameServer server = start(Setup.standard().accounts(real -> new SlowLookUps(real, lookUp)));
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
      assertThat(log.published).isEmpty();
      lookUp.get().complete(null);

      assertThat(client.answer(ids.get(0)).hasPublished()).isTrue();
      assertThat(client.answer(ids.get(4)).hasPublished()).isTrue();
      assertThat(log.published).extracting(Publication::text).containsExactly("1", "2", "3", "4");
      ServerFrame unknown = client.push();
      while (unknown.getRequestId() != ids.get(3)) {
        unknown = client.push();
      }
      assertThat(unknown.getError().getCode()).isEqualTo(ErrorCode.RECIPIENT_UNKNOWN);
    }
  }

  @Test
  void one_fetch_reads_the_log_at_a_time() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      client.publish(room(ROOM), "text");
      log.readGate = GatedLog.shut();
      Fetch.Builder fetch = Fetch.newBuilder().setTopic(room(ROOM)).setLimit(5);
      long first = client.post(ClientFrame.newBuilder().setFetch(fetch));
      long second = client.post(ClientFrame.newBuilder().setFetch(fetch));
      long behind = client.post(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
      await().until(() -> log.reads.contains(Topic.room(ROOM)));
      try (FrameTestClient other = server.connect(server.user())) {
        other.expectNothing();
      }
      assertThat(log.reads).filteredOn(Topic.room(ROOM)::equals).hasSize(1);
      log.readGate.complete(null);

      assertThat(client.push().getRequestId()).isEqualTo(first);
      assertThat(client.answer(second).hasHistory()).isTrue();
      assertThat(client.answer(behind).hasPong()).isTrue(); // may overtake, once it was taken
    }
  }

  @Test
  void a_fetch_waits_for_the_replay_that_reads_and_everything_else_goes_on() throws Exception {
    FrameServer server = start();
    try (FrameTestClient writer = server.connect(server.user());
        FrameTestClient client = server.connect(server.user())) {
      publish(writer, 3);
      log.readGate = GatedLog.shut();
      client.join(fromTheStart());
      await().until(() -> readsOfTheRoom() == 1);
      long fetch = client.post(fetching());
      // Taken although the Fetch waits: a member whose replay never ends must be able to leave.
      assertThat(client.publish(room(ROOM), "beside").hasPublished()).isTrue();

      assertThat(readsOfTheRoom()).isEqualTo(1);
      log.readGate.complete(null);

      assertThat(client.deliveries(3)).extracting(Message::getSeq).containsExactly(1L, 2L, 3L);
      assertThat(client.answer(fetch).getHistory().getMessagesCount()).isEqualTo(4);
    }
  }

  @Test
  void a_replay_waits_for_the_fetch_that_reads() throws Exception {
    FrameServer server = start();
    try (FrameTestClient writer = server.connect(server.user());
        FrameTestClient client = server.connect(server.user())) {
      publish(writer, 3);
      log.readGate = GatedLog.shut();
      long fetch = client.post(fetching());
      await().until(() -> readsOfTheRoom() == 1);
      client.join(fromTheStart());
      client.expectNothing();

      assertThat(readsOfTheRoom()).isEqualTo(1);
      log.readGate.complete(null);

      assertThat(client.push().getRequestId()).isEqualTo(fetch);
      assertThat(client.deliveries(3)).extracting(Message::getSeq).containsExactly(1L, 2L, 3L);
    }
  }

  @Test
  void beyond_one_fetch_the_server_stops_reading_and_silence_does_not_count() throws Exception {
    FrameServer server = start();
    try (FrameTestClient writer = server.connect(server.user());
        FrameTestClient client = server.connect(server.user())) {
      publish(writer, 3);
      log.readGate = GatedLog.shut();
      client.join(fromTheStart());
      await().until(() -> readsOfTheRoom() == 1);
      long first = client.post(fetching());
      long second = client.post(fetching());
      long behind = client.post(publishing(room(ROOM), "behind", ""));
      try (FrameTestClient other = server.connect(server.user())) {
        other.expectNothing();
      }
      assertThat(log.published).extracting(Publication::text).doesNotContain("behind");
      for (int i = 0; i < 5; i++) {
        server.advance(Duration.ofSeconds(60));
      }
      log.readGate.complete(null);

      assertThat(client.deliveries(3)).hasSize(3);
      assertThat(client.answer(first).getHistory().getMessagesCount()).isEqualTo(3);
      assertThat(client.answer(second).hasHistory()).isTrue();
      assertThat(client.answer(behind).hasPublished()).isTrue();
      assertThat(client.delivery().getText()).isEqualTo("behind");
    }
  }

  @Test
  void fetches_and_a_replay_of_many_reads_take_turns() throws Exception {
    FrameServer server = start();
    int messages = 120;
    try (FrameTestClient writer = server.connect(server.user());
        FrameTestClient client = server.connect(server.user())) {
      for (int i = 0; i < messages; i++) {
        assertThat(writer.publish(room(ROOM), "x".repeat(16_000)).hasPublished())
            .isTrue();
      }
      log.readGate = GatedLog.shut();
      client.join(fromTheStart());
      await().until(() -> readsOfTheRoom() == 1);
      List<Long> fetches = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        fetches.add(client.post(fetching()));
      }
      log.readGate.complete(null);

      List<Long> order = new ArrayList<>();
      long seq = 0;
      while (seq < messages || order.size() < fetches.size()) {
        ServerFrame frame = client.push();
        if (frame.hasDelivery()) {
          assertThat(frame.getDelivery().getSeq()).isEqualTo(++seq);
        } else {
          order.add(frame.getRequestId());
          assertThat(seq).as("a read of the replay between two fetches").isLessThan(messages);
        }
      }
      assertThat(order).isEqualTo(fetches);
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
    log.stateGate = GatedLog.shut();
    try (FrameTestClient client = server.connect()) {
      server.advance(Duration.ofSeconds(9));
      client.post(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())));
      await().until(() -> !log.states.isEmpty());
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

  private void publish(FrameTestClient writer, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(writer.publish(room(ROOM), "m" + i).hasPublished()).isTrue();
    }
  }

  private static ClientFrame.Builder fetching() {
    return ClientFrame.newBuilder()
        .setFetch(Fetch.newBuilder().setTopic(room(ROOM)).setLimit(100));
  }

  private Join.Builder fromTheStart() {
    return Join.newBuilder().setRoomId(ROOM).setFrom(position(room(ROOM), log.epoch(), 0));
  }

  private long readsOfTheRoom() {
    return log.reads.stream().filter(Topic.room(ROOM)::equals).count();
  }

  @Test
  void what_concerns_a_room_waits_for_its_join() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      log.stateGate = GatedLog.shut();
      long join = client.post(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(ROOM)));
      long publish = client.post(publishing(room(ROOM), "mine", ""));
      long leave =
          client.post(ClientFrame.newBuilder().setLeave(Leave.newBuilder().setRoomId(ROOM)));
      await().until(() -> log.states.contains(Topic.room(ROOM)));
      assertThat(log.published).isEmpty();
      log.stateGate.complete(null);

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
      log.publishGate = down;
      log.stateGate = down;
      log.readGate = down;
      List<ServerFrame> answers = List.of(
          client.publish(room(ROOM), "text"),
          client.call(ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(ROOM))),
          client.ack(inbox(user.id()), 1, 0),
          client.fetch(room(ROOM), 0, 1),
          late.call(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token()))));
      log.publishGate = CompletableFuture.completedFuture(null);
      log.stateGate = log.publishGate;
      log.readGate = log.publishGate;

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
      log.reads.clear();
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        ids.add(client.post(ClientFrame.newBuilder()
            .setFetch(Fetch.newBuilder().setTopic(room(ROOM)).setLimit(100))));
      }
      await().until(() -> server.pendingBytes() > 64 * 1_024);
      long stopped = server.pendingBytes();

      // A watermark and one frame, not three hundred frames.
      assertThat(stopped).isLessThan(3L << 20);
      assertThat(log.reads).hasSizeLessThan(20);
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

  // ---- goodbye ----

  @Test
  void drain_says_when_to_come_back_and_staggers_it() throws Exception {
    FrameServer server = start();
    List<FrameTestClient> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(server.connect(server.user()));
    }
    server.drain();
    server.registry.all().forEach(connection -> connection.close(CloseReason.DRAIN));

    List<Integer> delays = new ArrayList<>();
    for (FrameTestClient client : clients) {
      GoAway goodbye = client.goodbye();
      assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.DRAIN);
      assertThat(goodbye.getFinal()).isFalse();
      delays.add(goodbye.getReconnectAfterMs());
      client.close();
    }
    assertThat(delays).allMatch(ms -> ms >= 1 && ms <= 5_000);
    assertThat(delays.stream().distinct().count()).isGreaterThan(5);
    await().until(() -> server.registry.size() == 0);
  }

  @Test
  void who_signs_in_while_the_server_drains_is_sent_away() throws Exception {
    FrameServer server = start();
    server.drain();
    try (FrameTestClient client = server.connect(server.user())) {
      assertThat(client.goodbye().getReason()).isEqualTo(GoAway.Reason.DRAIN);
    }
  }

  @Test
  void who_has_not_signed_in_does_not_hold_the_stop_up() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect()) {
      client.sendBytes((byte) 1);
      await().until(() -> server.frameConnections() == 1);
      server.drain();
      server.advance(Duration.ofSeconds(1));

      assertThat(client.goodbye().getReason()).isEqualTo(GoAway.Reason.DRAIN);
    }
  }

  @Test
  void what_was_accepted_before_the_goodbye_is_answered_after_it() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      log.publishGate = GatedLog.shut();
      long id = client.post(publishing(room(ROOM), "accepted", ""));
      await().until(() -> log.published.size() == 1);
      connection(server).close(CloseReason.DRAIN);
      assertThat(client.push().hasGoAway()).isTrue();
      client.post(publishing(room(ROOM), "too late", ""));
      log.publishGate.complete(null);

      List<ServerFrame> rest = client.rest();
      assertThat(rest).hasSize(1);
      assertThat(rest.get(0).getRequestId()).isEqualTo(id);
      assertThat(rest.get(0).hasPublished()).isTrue();
      assertThat(log.published).hasSize(1);
    }
  }

  @Test
  void an_answer_that_never_comes_does_not_hold_the_goodbye_up() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      log.publishGate = GatedLog.shut();
      client.post(publishing(room(ROOM), "stuck", ""));
      await().until(() -> log.published.size() == 1);
      connection(server).close(CloseReason.DRAIN);
      assertThat(client.push().hasGoAway()).isTrue();
      server.advance(Duration.ofSeconds(4));

      assertThat(client.rest()).isEmpty();
      await().until(() -> server.registry.size() == 0);
      log.publishGate.complete(null);
    }
  }

  @Test
  void the_last_connection_of_a_user_takes_the_user_out_of_the_rooms() throws Exception {
    FrameServer server = start();
    User user = server.user();
    try (FrameTestClient watcher = server.connect(server.user())) {
      FrameTestClient one = server.connect(user);
      FrameTestClient two = server.connect(user);
      one.join(ROOM);
      two.join(ROOM);
      one.close();
      await().until(() -> server.registry.size() == 2);
      assertThat(watcher.roomInfo(ROOM).getRoomInfo().getCount()).isEqualTo(1);
      two.close();
      await().until(() -> server.registry.size() == 1);

      assertThat(watcher.roomInfo(ROOM).getRoomInfo().getCount()).isZero();
    }
  }

  // ---- retention ----

  @Test
  void a_position_older_than_the_window_gets_the_exact_gap() throws Exception {
    FrameServer server = start(Setup.of("--retention-count=8"));
    try (FrameTestClient client = server.connect(server.user())) {
      for (int i = 1; i <= 40; i++) {
        client.publish(room(ROOM), "m" + i);
      }
      await().until(() -> client.fetch(room(ROOM), 0, 1).getHistory().getFirstSeq() > 5);
      long epoch = client.fetch(room(ROOM), 0, 1).getHistory().getEpoch();
      long first = client.fetch(room(ROOM), 0, 1).getHistory().getFirstSeq();
      long join = client.post(ClientFrame.newBuilder()
          .setJoin(Join.newBuilder().setRoomId(ROOM).setFrom(position(room(ROOM), epoch, 2))));

      ServerFrame joined = client.push();
      assertThat(joined.getRequestId()).isEqualTo(join);
      assertThat(joined.getJoined().getResumed().getRecovered()).isFalse();
      assertThat(joined.getJoined().getResumed().getNextSeq()).isEqualTo(first);
      ServerFrame gap = client.push();
      assertThat(gap.getEventCase()).isEqualTo(EventCase.GAP);
      assertThat(gap.getGap().getFromSeq()).isEqualTo(3);
      assertThat(gap.getGap().getToSeq()).isEqualTo(first - 1);
      assertThat(client.deliveries((int) (40 - first + 1)))
          .extracting(Message::getSeq)
          .first()
          .isEqualTo(first);
    }
  }

  private static Connection connection(FrameServer server) {
    return requireNonNull(server.registry.all().iterator().next());
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
      return gate.get().thenCompose(opened -> real.findById(userId));
    }
  }
}
