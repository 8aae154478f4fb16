package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorCode;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.History;
import io.gochat.protocol.Message;
import io.gochat.protocol.Ping;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.frame.FrameStreams;
import io.gochat.server.bounds.Holder;
import io.gochat.server.frame.FrameServer.User;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What many connections together may cost, and that who keeps to the protocol does not feel them. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class CrowdTest {
  private static final long ROOM = 7;
  private static final long OUT_BYTES = 8L << 20;
  private static final long IN_BYTES = 1L << 20;

  @TempDir
  Path directory;

  private FrameServer server;
  private final List<FrameTestClient> crowd = new ArrayList<>();

  private void start() throws Exception {
    server =
        new FrameServer(directory, "--out-budget=8MB", "--replay-budget=8MB", "--in-budget=1MB");
  }

  @AfterEach
  void stop() {
    crowd.forEach(FrameTestClient::close);
    server.close();
  }

  private void fillRoom(User user) {
    try (FrameTestClient writer = server.connect(user)) {
      for (int i = 0; i < 64; i++) {
        writer.post(publishing(room(ROOM), "x".repeat(16_000), ""));
      }
      writer.publish(room(ROOM), "last");
    }
  }

  private static ClientFrame.Builder fetching() {
    return ClientFrame.newBuilder()
        .setFetch(Fetch.newBuilder().setTopic(room(ROOM)).setLimit(100));
  }

  /** Somebody who asks for megabytes, and reads nothing. */
  private void fetchUnread() throws Exception {
    FrameTestClient client = server.connect(4_096);
    crowd.add(client);
    client.hello(server.user().token());
    for (int fetch = 0; fetch < 40; fetch++) { // more than its kernel takes in
      client.post(fetching());
    }
  }

  @Test
  void answers_that_nobody_reads_are_bounded_for_all_and_reads_are_refused() throws Exception {
    start();
    User user = server.user();
    fillRoom(user);

    while (server.refused(ErrorKind.OVERLOADED) == 0) {
      fetchUnread();
    }

    assertThat(server.budgets.out().used())
        .isLessThanOrEqualTo(server.budgets.out().limit());
    assertThat(server.pendingBytes()).isLessThan(12L << 20);
    try (FrameTestClient bystander = server.connect(user)) {
      bystander.join(ROOM);
      assertThat(bystander.publish(room(ROOM), "still served").hasPublished()).isTrue();
      assertThat(bystander.delivery().getText()).isEqualTo("still served");
    }
  }

  @Test
  void while_room_is_scarce_who_takes_no_byte_of_an_answer_is_closed_soon() throws Exception {
    start();
    fillRoom(server.user());
    while (server.refused(ErrorKind.OVERLOADED) == 0) {
      fetchUnread();
    }

    server.advance(Duration.ofSeconds(1));
    server.advance(Duration.ofSeconds(6));

    assertThat(server.closed("overload")).isPositive();
    await().until(() -> {
      server.advance(Duration.ofSeconds(6));
      return server.budgets.out().used() < OUT_BYTES / 8;
    });
  }

  @Test
  void a_read_gets_a_small_page_where_there_is_no_room_for_a_large_one() throws Exception {
    start();
    User user = server.user();
    fillRoom(user);
    try (Holder others = server.budgets.holder(InetAddress.getLoopbackAddress());
        FrameTestClient client = server.connect(user)) {
      assertThat(client.call(fetching()).getHistory().getMessagesCount()).isGreaterThan(60);
      others.force(server.budgets.out(), OUT_BYTES / 2 - (512 << 10));

      History page = client.call(fetching()).getHistory();

      assertThat(page.getMessagesCount()).as("64 KB").isBetween(3, 5);
      assertThat(page.getLastSeq()).isEqualTo(65);
      assertThat(server.budgets.out().used())
          .as("what was kept for a large page is given back")
          .isLessThanOrEqualTo(others.held(server.budgets.out()) + (64 << 10));
    }
  }

  @Test
  void a_refused_read_can_be_repeated_once_there_is_room() throws Exception {
    start();
    User user = server.user();
    fillRoom(user);
    try (FrameTestClient client = server.connect(user)) {
      ServerFrame refused = client.call(fetching());
      while (!refused.hasError()) {
        fetchUnread();
        refused = client.call(fetching());
      }
      assertThat(refused.getError().getCode()).isEqualTo(ErrorCode.OVERLOADED);
      assertThat(refused.getError().getRetryAfterMs()).isPositive();

      crowd.forEach(FrameTestClient::close);
      await().until(() -> server.budgets.out().used() == 0);

      assertThat(client.call(fetching()).getHistory().getMessagesCount()).isPositive();
    }
  }

  @Test
  void unfinished_frames_of_strangers_are_bounded_for_all() throws Exception {
    start();
    byte[] frame =
        FrameStreams.toBytes(publishing(room(ROOM), "x".repeat(60_000), "").build());
    for (int i = 0; i < 20; i++) {
      FrameTestClient client = server.connect();
      crowd.add(client);
      client.sendBytes(Arrays.copyOf(frame, 5_000));
    }

    await().until(() -> server.closed("overload") > 0);

    assertThat(server.budgets.in().used()).isLessThanOrEqualTo(IN_BYTES);
    try (FrameTestClient bystander = server.connect(server.user())) {
      bystander.expectNothing();
    }
  }

  @Test
  void who_has_signed_in_waits_for_room_and_may_then_finish() throws Exception {
    start();
    User user = server.user();
    byte[] frame = FrameStreams.toBytes(
        publishing(room(ROOM), "x".repeat(16_000), "").setRequestId(77).build());
    byte[] strangers =
        FrameStreams.toBytes(publishing(room(ROOM), "x".repeat(58_000), "").build());
    for (int i = 0; i < 10; i++) { // of 512 KB for an address, nine leave two
      FrameTestClient client = server.connect();
      crowd.add(client);
      client.sendBytes(Arrays.copyOf(strangers, 5_000));
    }
    await().until(() -> server.closed("overload") > 0);
    try (FrameTestClient client = server.connect(user)) {
      client.sendBytes(Arrays.copyOf(frame, 5_000));
      client.sendBytes(Arrays.copyOfRange(frame, 5_000, frame.length));

      crowd.forEach(FrameTestClient::close);
      await().until(() -> server.budgets.in().used() == 0);
      server.advance(Duration.ofSeconds(1));

      assertThat(client.answer(77).hasPublished()).isTrue();
    }
  }

  @Test
  void a_frame_that_is_not_finished_ends_its_connection_in_ten_seconds() throws Exception {
    start();
    try (FrameTestClient client = server.connect(server.user())) {
      client.expectNothing();
      client.sendBytes((byte) 1, (byte) 0, (byte) 0, (byte) 9, (byte) 8);
      FrameTestClient other = server.connect(server.user());
      crowd.add(other);
      other.expectNothing(); // by now the half frame has come, too

      await().until(() -> {
        server.advance(Duration.ofSeconds(11));
        return server.closed("idle") > 0;
      });

      assertThat(client.goodbye().getReason()).isEqualTo(GoAway.Reason.IDLE);
    }
  }

  @Test
  void a_minimal_client_that_only_listens_in_a_busy_room_keeps_its_connection() throws Exception {
    start();
    User user = server.user();
    try (FrameTestClient listener = server.connect(user);
        FrameTestClient busy = server.connect(server.user())) {
      listener.join(ROOM);
      // PROTOCOL.md, 10.5: it says something when it has sent nothing for a heartbeat.
      for (int second = 0; second < 180; second += 10) {
        assertThat(busy.publish(room(ROOM), "at " + second).hasPublished()).isTrue();
        if (second % 30 == 0) {
          assertThat(listener
                  .call(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()))
                  .hasPong())
              .isTrue();
        }
        server.advance(Duration.ofSeconds(10));
      }

      List<Message> heard = listener.deliveries(18);
      assertThat(heard).extracting(Message::getText).startsWith("at 0").endsWith("at 170");
      listener.expectNothing();
    }
  }

  @Test
  void having_received_does_not_count_as_a_sign_of_life() throws Exception {
    start();
    try (FrameTestClient listener = server.connect(server.user());
        FrameTestClient busy = server.connect(server.user())) {
      listener.join(ROOM);
      for (int second = 0; second < 80; second += 10) {
        busy.publish(room(ROOM), "at " + second);
        server.advance(Duration.ofSeconds(10));
      }

      assertThat(listener.goodbye().getReason()).isEqualTo(GoAway.Reason.IDLE);
    }
  }
}
