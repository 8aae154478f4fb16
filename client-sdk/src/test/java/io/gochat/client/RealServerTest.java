package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The client against the real server, through restarts and cuts. */
@Execution(ExecutionMode.CONCURRENT) // they wait more than they work
final class RealServerTest {
  private static final Duration DEADLINE = Duration.ofMinutes(2);

  @TempDir
  Path directory;

  private RealServer server;
  private final List<ChatClient> clients = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    server = new RealServer(directory);
  }

  @AfterEach
  void stop() {
    clients.forEach(ChatClient::close);
    server.close();
  }

  @Test
  void two_people_chat_in_a_room_and_directly() throws Exception {
    ChatClient alice = client(server.options("alice"));
    ChatClient bob = client(server.options("bob"));
    Recorder bobSees = Recorder.of(bob);
    Identity aliceIs = get(alice.connect());
    Identity bobIs = get(bob.connect());
    get(bob.join(7));
    assertThat(get(alice.join(7)).memberCount()).isEqualTo(2);

    Published first = get(alice.publish(Topic.room(7), "hello room"));
    get(alice.publish(bobIs.inbox(), "hello bob"));

    bobSees.awaitMessages(2);
    assertThat(bobSees.texts()).containsExactlyInAnyOrder("hello room", "hello bob");
    Message direct = bobSees.messages().stream()
        .filter(m -> m.topic().equals(bobIs.inbox()))
        .findFirst()
        .orElseThrow();
    assertThat(direct.fromUserId()).isEqualTo(aliceIs.userId());
    assertThat(direct.fromUserName()).isEqualTo("alice");
    assertThat(direct.toUserId()).isEqualTo(bobIs.userId());
    assertThat(direct.createdAt()).isNotNull();
    assertThat(get(alice.roomInfo(7)).members())
        .containsExactlyInAnyOrder(
            new Member(aliceIs.userId(), "alice"), new Member(bobIs.userId(), "bob"));
    History history = get(bob.history(Topic.room(7), 0, 100));
    assertThat(history.messages())
        .extracting(Message::messageId)
        .containsExactly(first.messageId());
    assertThat(history.lastSeq()).isEqualTo(first.seq());
    bobSees.awaitEvent(e -> e instanceof Presence p && p.count() == 2);
    get(bob.leave(7));
    assertThat(get(alice.roomInfo(7)).count()).isEqualTo(1);
  }

  @Test
  void a_direct_message_by_name_reaches_its_user() throws Exception {
    ChatClient alice = client(server.options("alice"));
    ChatClient bob = client(server.options("bob"));
    Recorder bobSees = Recorder.of(bob);
    get(alice.connect());
    get(bob.connect());

    get(alice.publishTo("BOB", "psst"));

    bobSees.awaitMessages(1);
    assertThat(bobSees.texts()).containsExactly("psst");
    assertFails(alice.publishTo("nobody-of-this-name", "hello?"), Failure.RECIPIENT_UNKNOWN);
    assertFails(alice.publishTo("", "hello?"), Failure.INVALID_ARGUMENT);
  }

  @Test
  void a_wrong_password_closes_with_its_reason() throws Exception {
    get(client(server.options("alice")).connect());

    ChatClient impostor = client(server.options("alice").login("alice", "wrong"));

    assertThatThrownBy(() -> get(impostor.connect()))
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, e -> assertThat(e.failure()).isEqualTo(Failure.BAD_CREDENTIALS));
  }

  @Test
  void a_token_that_nobody_gave_closes_with_its_reason() {
    ChatClient impostor = client(server.options("alice").token("no token of ours"));

    assertThatThrownBy(() -> get(impostor.connect()))
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, e -> assertThat(e.failure()).isEqualTo(Failure.TOKEN_INVALID));
  }

  @Test
  void refusals_come_as_their_kind_and_the_connection_stays() throws Exception {
    ChatClient alice = client(server.options("alice"));
    Identity identity = get(alice.connect());

    assertFails(alice.publish(Topic.user(4_000_000), "anybody?"), Failure.RECIPIENT_UNKNOWN);
    assertFails(alice.publish(Topic.room(1), "x".repeat(20_000)), Failure.INVALID_ARGUMENT);
    assertFails(alice.history(Topic.user(identity.userId() + 1), 0, 1), Failure.FORBIDDEN);
    get(alice.publish(Topic.room(1), "one text", "the id"));
    assertThat(get(alice.publish(Topic.room(1), "one text", "the id")).duplicate())
        .isTrue();
    assertFails(
        alice.publish(Topic.room(1), "another text", "the id"), Failure.CLIENT_MESSAGE_ID_REUSED);
  }

  @Test
  void the_same_device_twice_ends_the_first() throws Exception {
    ChatClient first = client(server.options("alice").deviceId("phone"));
    get(first.connect());

    get(client(server.options("alice").deviceId("phone")).connect());

    await().atMost(DEADLINE).until(() -> first.state().closeReason().isPresent());
    assertThat(first.state().closeReason()).contains(CloseReason.REPLACED);
  }

  @Test
  void what_arrives_while_nobody_is_there_is_handed_over_later_and_once() throws Exception {
    ChatClient alice = client(server.options("alice"));
    get(alice.connect());
    ChatClient bob = client(server.options("bob").deviceId("phone"));
    Recorder first = Recorder.of(bob);
    Topic inbox = get(bob.connect()).inbox();
    get(alice.publish(inbox, "one"));
    first.awaitMessages(1);
    bob.close();

    get(alice.publish(inbox, "two"));
    ChatClient bobAgain = client(server.options("bob").deviceId("phone"));
    Recorder second = Recorder.of(bobAgain);
    get(bobAgain.connect());
    get(alice.publish(inbox, "three"));

    second.awaitMessages(2);
    assertThat(second.story()).containsExactly("two", "three");
  }

  @Test
  void a_restart_of_the_server_loses_nothing_and_repeats_nothing() throws Exception {
    ChatClient alice = client(server.options("alice"));
    ChatClient bob = client(server.options("bob"));
    Recorder bobSees = Recorder.of(bob);
    get(alice.connect());
    get(bob.connect());
    get(bob.join(7));

    List<CompletableFuture<Published>> published = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      published.add(alice.publish(Topic.room(7), "m" + i));
      if (i == 20 || i == 40) {
        get(published.get(i - 5));
        server.restart();
      }
    }

    for (CompletableFuture<Published> each : published) {
      get(each);
    }
    bobSees.awaitMessages(60);
    assertThat(bobSees.story())
        .isEqualTo(IntStream.range(0, 60).mapToObj(i -> "m" + i).toList());
    assertThat(bobSees.phases())
        .contains(ConnectionState.Phase.RECOVERING)
        .doesNotContain(ConnectionState.Phase.CLOSED);
  }

  @Test
  void an_answer_that_is_lost_does_not_publish_twice() throws Exception {
    try (CuttingProxy proxy = new CuttingProxy(server.port())) {
      ChatClient alice = client(server.options("alice", proxy.port()));
      get(alice.connect());
      ChatClient bob = client(server.options("bob"));
      Recorder bobSees = Recorder.of(bob);
      get(bob.connect());
      get(bob.join(7));

      proxy.swallowAnswers();
      var published = alice.publish(Topic.room(7), "once");
      bobSees.awaitMessages(1);
      assertThat(published).isNotDone();
      proxy.cut();

      assertThat(get(published).duplicate()).isTrue();
      get(alice.publish(Topic.room(7), "twice"));
      bobSees.awaitMessages(2);
      assertThat(bobSees.story()).containsExactly("once", "twice");
    }
  }

  @Test
  void cuts_at_random_moments_neither_lose_nor_repeat_nor_reorder() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (CuttingProxy proxy = new CuttingProxy(server.port())) {
      ChatClient alice =
          client(server.options("alice", proxy.port()).publishesInFlightPerTopic(16));
      ChatClient bob = client(server.options("bob", proxy.port()));
      Recorder bobSees = Recorder.of(bob);
      get(alice.connect());
      get(bob.connect());
      get(bob.join(7));

      List<CompletableFuture<Published>> published = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        published.add(alice.publish(Topic.room(7), "m" + i));
        if (random.nextInt(20) == 0) {
          if (random.nextBoolean()) {
            proxy.swallowAnswers();
          }
          // A little progress, so that each cut finds another state.
          published
              .get(Math.max(0, i - random.nextInt(30)))
              .copy()
              .orTimeout(random.nextInt(1, 50), TimeUnit.MILLISECONDS)
              .exceptionally(e -> new Published(0, 0, false))
              .join();
          proxy.cut();
        }
      }

      for (CompletableFuture<Published> each : published) {
        get(each);
      }
      bobSees.awaitMessages(400);
      assertThat(bobSees.story())
          .as("seed %d", seed)
          .isEqualTo(IntStream.range(0, 400).mapToObj(i -> "m" + i).toList());
    }
  }

  @Test
  void hundreds_of_clients_come_back_after_a_restart_and_miss_nothing() throws Exception {
    int count = 300;
    List<Recorder> recorders = new ArrayList<>();
    List<CompletableFuture<JoinedRoom>> joined = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Hundreds of passwords are hashed meanwhile, perhaps on a machine that has other work.
      ChatClient client = client(server.options("user" + i).requestTimeout(Duration.ofMinutes(2)));
      recorders.add(Recorder.of(client));
      client.connect();
      joined.add(client.join(7));
    }
    for (CompletableFuture<JoinedRoom> each : joined) {
      get(each);
    }
    get(clients.get(0).publish(Topic.room(7), "before"));
    await()
        .atMost(DEADLINE)
        .until(() -> recorders.stream().allMatch(r -> r.messages().size() == 1));

    server.restart();
    get(clients.get(0).publish(Topic.room(7), "after"));

    await()
        .atMost(DEADLINE)
        .until(() -> recorders.stream().allMatch(r -> r.messages().size() >= 2));
    assertThat(recorders).allSatisfy(r -> assertThat(r.story()).containsExactly("before", "after"));
    assertThat(Thread.getAllStackTraces().keySet())
        .filteredOn(t -> t.getName().startsWith("gochat-client"))
        .hasSizeLessThan(32);
  }

  @Test
  void a_restarted_process_goes_on_in_the_room_from_its_position_store() throws Exception {
    ChatClient alice = client(server.options("alice"));
    get(alice.connect());
    PositionStore store = new FilePositionStore(directory.resolve("positions"));
    ChatClient bob = client(server.options("bob").positionStore(store));
    Recorder first = Recorder.of(bob);
    get(bob.connect());
    get(bob.join(7));
    get(alice.publish(Topic.room(7), "one"));
    first.awaitMessages(1);
    bob.close();

    get(alice.publish(Topic.room(7), "two"));
    ChatClient again = client(server.options("bob").positionStore(store));
    Recorder second = Recorder.of(again);
    get(again.connect());
    assertThat(get(again.join(7)).recovered()).isTrue();

    second.awaitMessages(1);
    assertThat(second.story()).containsExactly("two");
  }

  @Test
  void a_server_without_the_old_log_is_a_new_epoch() throws Exception {
    try (RealServer other = new RealServer(directory.resolve("other"));
        CuttingProxy proxy = new CuttingProxy(server.port())) {
      ChatClient bob = client(server.options("bob", proxy.port()));
      Recorder bobSees = Recorder.of(bob);
      get(bob.connect());
      get(bob.join(7));
      for (int i = 0; i < 3; i++) {
        get(bob.publish(Topic.room(7), "old " + i));
      }
      bobSees.awaitMessages(3);
      // The same account number there, or the inbox would be another's.
      ChatClient there = client(other.options("bob"));
      get(there.connect());
      get(there.publish(Topic.room(7), "before we came"));

      proxy.serverPort(other.port());
      proxy.cut();
      bobSees.awaitEvent(
          e -> e instanceof Gap gap && gap.epochChanged() && gap.topic() instanceof Topic.Room);
      get(there.publish(Topic.room(7), "new"));

      bobSees.awaitMessages(4);
      assertThat(bobSees.texts()).containsExactly("old 0", "old 1", "old 2", "new");
      assertThat(bobSees.messages().get(3).seq()).isEqualTo(2);
      assertThat(bobSees.gaps())
          .filteredOn(g -> g.topic().equals(Topic.room(7)))
          .extracting(Gap::toSeq)
          .containsExactly(1L);
    }
  }

  @Test
  void a_room_longer_than_a_page_is_read_from_the_beginning() throws Exception {
    ChatClient alice = client(server.options("alice").publishesInFlightPerTopic(64));
    get(alice.connect());
    List<CompletableFuture<Published>> published = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      published.add(alice.publish(Topic.room(7), "m" + i));
    }
    for (CompletableFuture<Published> each : published) {
      get(each);
    }
    ChatClient bob = client(server.options("bob").inboundQueue(8));
    Recorder bobSees = Recorder.of(bob);
    get(bob.connect());

    get(bob.join(7, Position.BEGINNING));

    bobSees.awaitMessages(500);
    assertThat(bobSees.messages())
        .extracting(Message::seq)
        .isSorted()
        .doesNotHaveDuplicates()
        .hasSize(500);
    History page = get(bob.history(Topic.room(7), 100, 100));
    assertThat(page.messages()).hasSize(100).first().extracting(Message::seq).isEqualTo(101L);
  }

  private ChatClient client(ClientOptionsBuilder options) {
    ChatClient client = ChatClient.create(options.build());
    clients.add(client);
    return client;
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(2, TimeUnit.MINUTES);
  }

  private static void assertFails(CompletableFuture<?> future, Failure expected) {
    assertThatThrownBy(() -> get(future))
        .cause()
        .isInstanceOfSatisfying(
            ChatException.class, e -> assertThat(e.failure()).isEqualTo(expected));
  }
}
