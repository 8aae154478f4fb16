package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.position;
import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.Join;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.Topic;
import io.gochat.testing.TestResources;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetches and replays of one connection, which read the log in turns; a server per test. */
@SuppressWarnings("NullAway.Init")
class FrameReadTurnsTest {
  private static final long ROOM = 7;

  @TempDir
  Path directory;

  @AutoClose
  private final TestResources opened = new TestResources();

  private FrameServer start(String... flags) throws Exception {
    return opened.add(new FrameServer(directory, flags));
  }

  @Test
  void one_fetch_reads_the_log_at_a_time() throws Exception {
    FrameServer server = start();
    try (FrameTestClient client = server.connect(server.user())) {
      client.publish(room(ROOM), "text");
      server.log.readGate = GatedLog.shut();
      Fetch.Builder fetch = Fetch.newBuilder().setTopic(room(ROOM)).setLimit(5);
      long first = client.post(ClientFrame.newBuilder().setFetch(fetch));
      long second = client.post(ClientFrame.newBuilder().setFetch(fetch));
      long behind = client.post(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
      await().until(() -> server.log.reads.contains(Topic.room(ROOM)));
      try (FrameTestClient other = server.connect(server.user())) {
        other.expectNothing();
      }
      assertThat(server.log.reads).filteredOn(Topic.room(ROOM)::equals).hasSize(1);
      server.log.readGate.complete(null);

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
      server.log.readGate = GatedLog.shut();
      client.join(fromTheStart(server));
      await().until(() -> readsOfTheRoom(server) == 1);
      long fetch = client.post(fetching());
      // Taken although the Fetch waits: a member whose replay never ends must be able to leave.
      assertThat(client.publish(room(ROOM), "beside").hasPublished()).isTrue();

      assertThat(readsOfTheRoom(server)).isEqualTo(1);
      server.log.readGate.complete(null);

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
      server.log.readGate = GatedLog.shut();
      long fetch = client.post(fetching());
      await().until(() -> readsOfTheRoom(server) == 1);
      client.join(fromTheStart(server));
      client.expectNothing();

      assertThat(readsOfTheRoom(server)).isEqualTo(1);
      server.log.readGate.complete(null);

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
      server.log.readGate = GatedLog.shut();
      client.join(fromTheStart(server));
      await().until(() -> readsOfTheRoom(server) == 1);
      long first = client.post(fetching());
      long second = client.post(fetching());
      long behind = client.post(publishing(room(ROOM), "behind", ""));
      try (FrameTestClient other = server.connect(server.user())) {
        other.expectNothing();
      }
      assertThat(server.log.published).extracting(Publication::text).doesNotContain("behind");
      for (int i = 0; i < 5; i++) {
        server.advance(Duration.ofSeconds(60));
      }
      server.log.readGate.complete(null);

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
      server.log.readGate = GatedLog.shut();
      client.join(fromTheStart(server));
      await().until(() -> readsOfTheRoom(server) == 1);
      List<Long> fetches = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        fetches.add(client.post(fetching()));
      }
      server.log.readGate.complete(null);

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

  private static void publish(FrameTestClient writer, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(writer.publish(room(ROOM), "m" + i).hasPublished()).isTrue();
    }
  }

  private static ClientFrame.Builder fetching() {
    return ClientFrame.newBuilder()
        .setFetch(Fetch.newBuilder().setTopic(room(ROOM)).setLimit(100));
  }

  private static Join.Builder fromTheStart(FrameServer server) {
    return Join.newBuilder().setRoomId(ROOM).setFrom(position(room(ROOM), server.log.epoch(), 0));
  }

  private static long readsOfTheRoom(FrameServer server) {
    return server.log.reads.stream().filter(Topic.room(ROOM)::equals).count();
  }
}
