package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static io.gochat.server.frame.FrameTestClient.position;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Error;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.ServerFrame.EventCase;
import io.gochat.server.frame.FrameServer.User;
import io.gochat.testing.TestResources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long connections live, and how many of whom; a server per test, because most want one of their own. */
@SuppressWarnings("NullAway.Init")
class FrameLifecycleTest {
  private static final long ROOM = 7;
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  Path directory;

  @AutoClose
  private final TestResources opened = new TestResources();

  private FrameServer start(String... flags) throws Exception {
    return opened.add(new FrameServer(directory, flags));
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
      server.log.publishGate = GatedLog.shut();
      List<Long> ids = new ArrayList<>();
      for (int i = 0; i < 65; i++) {
        ids.add(client.post(publishing(room(ROOM), "m" + i, "")));
      }
      await().until(() -> server.log.published.size() == 64);
      for (int i = 0; i < 5; i++) {
        server.advance(Duration.ofSeconds(60));
      }
      server.log.publishGate.complete(null);

      for (long id : ids) {
        assertThat(client.answer(id).hasPublished()).isTrue();
      }
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
    server.log.stateGate = GatedLog.shut();
    try (FrameTestClient client = server.connect()) {
      long hello =
          client.post(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())));
      await().until(() -> !server.log.states.isEmpty());
      // The token was good when it was checked; nobody could find this connection to close it.
      assertThat(server.sessions.close(user.token()).join()).isTrue();
      server.log.stateGate.complete(null);

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
    FrameServer server = start("--max-connections-per-user=2");
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
    FrameServer server = start("--max-rooms-per-connection=2");
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

  // ---- retention ----

  @Test
  void a_position_older_than_the_window_gets_the_exact_gap() throws Exception {
    FrameServer server = start("--retention-count=8");
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
}
