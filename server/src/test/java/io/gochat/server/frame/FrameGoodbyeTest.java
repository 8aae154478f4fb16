package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.GoAway;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.frame.FrameServer.User;
import io.gochat.server.registry.CloseReason;
import io.gochat.server.registry.Connection;
import io.gochat.testing.TestResources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a server that stops parts from its connections, and what is left of them; a server per test. */
@SuppressWarnings("NullAway.Init")
class FrameGoodbyeTest {
  private static final long ROOM = 7;

  @TempDir
  Path directory;

  @AutoClose
  private final TestResources opened = new TestResources();

  private FrameServer start(String... flags) throws Exception {
    return opened.add(new FrameServer(directory, flags));
  }

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
      server.log.publishGate = GatedLog.shut();
      long id = client.post(publishing(room(ROOM), "accepted", ""));
      await().until(() -> server.log.published.size() == 1);
      connection(server).close(CloseReason.DRAIN);
      assertThat(client.push().hasGoAway()).isTrue();
      client.post(publishing(room(ROOM), "too late", ""));
      server.log.publishGate.complete(null);

      List<ServerFrame> rest = client.rest();
      assertThat(rest).hasSize(1);
      assertThat(rest.get(0).getRequestId()).isEqualTo(id);
      assertThat(rest.get(0).hasPublished()).isTrue();
      assertThat(server.log.published).hasSize(1);
    }
  }

  @Test
  void an_answer_that_never_comes_does_not_hold_the_goodbye_up() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      server.log.publishGate = GatedLog.shut();
      client.post(publishing(room(ROOM), "stuck", ""));
      await().until(() -> server.log.published.size() == 1);
      connection(server).close(CloseReason.DRAIN);
      assertThat(client.push().hasGoAway()).isTrue();
      server.advance(Duration.ofSeconds(4));

      assertThat(client.rest()).isEmpty();
      await().until(() -> server.registry.size() == 0);
      server.log.publishGate.complete(null);
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

  private static Connection connection(FrameServer server) {
    return requireNonNull(server.registry.all().iterator().next());
  }
}
