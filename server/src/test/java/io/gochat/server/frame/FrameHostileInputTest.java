package io.gochat.server.frame;

import static io.gochat.server.frame.FrameTestClient.publishing;
import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.Ack;
import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.ErrorKind;
import io.gochat.protocol.Fetch;
import io.gochat.protocol.GetRoomInfo;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Leave;
import io.gochat.protocol.Ping;
import io.gochat.protocol.Position;
import io.gochat.protocol.Publish;
import io.gochat.protocol.ServerFrame;
import io.gochat.protocol.Topic;
import io.gochat.protocol.frame.FrameStreams;
import io.gochat.server.frame.FrameServer.User;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a peer gets that does not keep to the protocol; the others never notice. */
@SuppressWarnings("NullAway.Init")
class FrameHostileInputTest {
  private static final long ROOM = 7;

  @TempDir
  static Path directory;

  @AutoClose
  private static FrameServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new FrameServer(directory);
  }

  @AfterEach
  void nothing_is_left_of_the_connection() {
    await().untilAsserted(() -> {
      assertThat(server.frameConnections()).isZero();
      assertThat(server.registry.size()).isZero();
    });
  }

  @Test
  void length_zero_before_hello_ends_the_connection() {
    try (FrameTestClient client = server.connect()) {
      client.sendBytes(bytes(1, 0, 0, 0));

      assertProtocolError(client, "bad_length");
    }
  }

  @Test
  void the_largest_length_ends_the_connection_before_its_payload() {
    try (FrameTestClient client = server.connect()) {
      client.sendBytes(bytes(1, 0xFF, 0xFF, 0xFF));

      assertProtocolError(client, "bad_length");
    }
  }

  @Test
  void a_frame_over_the_bound_ends_an_open_connection() {
    try (FrameTestClient client = server.connect(server.user())) {
      client.send(publishing(room(ROOM), "x".repeat(65_536), "").build());

      assertProtocolError(client, "bad_length");
    }
  }

  @Test
  void another_version_byte_in_mid_stream_ends_the_connection() {
    try (FrameTestClient client = server.connect(server.user())) {
      client.sendBytes(bytes(2, 0, 0, 1, 0));

      assertProtocolError(client, "bad_version");
    }
  }

  @Test
  void undecodable_protobuf_ends_the_connection() {
    try (FrameTestClient client = server.connect(server.user())) {
      client.sendBytes(bytes(1, 0, 0, 3, 0x2A, 0x7F, 0x00));

      assertProtocolError(client, "bad_protobuf");
    }
  }

  @Test
  void invalid_utf8_ends_the_connection() {
    try (FrameTestClient client = server.connect(server.user())) {
      // publish { text: a lone continuation byte }, then { text: the surrogate U+D800 }
      client.sendBytes(bytes(1, 0, 0, 5, 0x2A, 0x03, 0x12, 0x01, 0x80));

      assertProtocolError(client, "bad_protobuf");
    }
    try (FrameTestClient client = server.connect(server.user())) {
      client.sendBytes(bytes(1, 0, 0, 7, 0x2A, 0x05, 0x12, 0x03, 0xED, 0xA0, 0x80));

      assertProtocolError(client, "bad_protobuf");
    }
  }

  @Test
  void hello_twice_ends_the_connection() {
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      client.post(ClientFrame.newBuilder().setHello(Hello.newBuilder().setToken(user.token())));

      assertProtocolError(client, "hello_twice");
    }
  }

  @Test
  void hello_twice_in_one_packet_ends_the_connection_after_the_welcome() {
    User user = server.user();
    byte[] hello = FrameStreams.toBytes(ClientFrame.newBuilder()
        .setRequestId(1)
        .setHello(Hello.newBuilder().setToken(user.token()))
        .build());
    try (FrameTestClient client = server.connect()) {
      client.sendBytes(concat(hello, hello));

      assertThat(client.push().hasWelcome()).isTrue();
      assertProtocolError(client, "hello_twice");
    }
  }

  @Test
  void anything_before_hello_ends_the_connection() {
    List<ClientFrame> early = List.of(
        publishing(room(ROOM), "early", "").setRequestId(1).build(),
        ClientFrame.newBuilder().setJoin(Join.newBuilder().setRoomId(ROOM)).build(),
        ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()).build(),
        ClientFrame.newBuilder().setRequestId(9).build());
    for (ClientFrame frame : early) {
      try (FrameTestClient client = server.connect()) {
        client.send(frame);

        assertProtocolError(client, "hello_expected");
      }
    }
  }

  @Test
  void one_byte_and_silence_is_cut_by_the_deadline() {
    try (FrameTestClient client = server.connect()) {
      client.sendBytes((byte) 1);
      await().until(() -> server.frameConnections() == 1);
      server.advance(Duration.ofMillis(9_900));
      server.advance(Duration.ofMillis(200));

      assertProtocolError(client, "hello_timeout");
    }
  }

  @Test
  void a_truncated_hello_and_silence_is_cut_by_the_deadline() {
    try (FrameTestClient client = server.connect()) {
      client.sendBytes(bytes(1, 0, 0, 50, 0x08, 0x01));
      await().until(() -> server.frameConnections() == 1);
      server.advance(Duration.ofSeconds(11));

      assertProtocolError(client, "hello_timeout");
    }
  }

  @Test
  void a_byte_now_and_then_does_not_move_the_deadline_of_hello() {
    try (FrameTestClient client = server.connect()) {
      client.sendBytes((byte) 1);
      await().until(() -> server.frameConnections() == 1);
      for (int i = 0; i < 4; i++) {
        server.advance(Duration.ofMillis(2_600));
        if (i < 3) {
          client.sendBytes((byte) (i == 2 ? 50 : 0));
        }
      }

      assertProtocolError(client, "hello_timeout");
    }
  }

  @Test
  void failed_hellos_do_not_move_the_deadline() {
    User user = server.user();
    Hello.Builder bad = Hello.newBuilder().setToken(user.token()).setDeviceId("x".repeat(65));
    try (FrameTestClient client = server.connect()) {
      client.call(ClientFrame.newBuilder().setHello(bad));
      server.advance(Duration.ofSeconds(6));
      client.call(ClientFrame.newBuilder().setHello(bad));
      server.advance(Duration.ofSeconds(6));

      assertProtocolError(client, "hello_timeout");
    }
  }

  @Test
  void a_truncated_frame_and_silence_on_an_open_connection_is_idle() {
    try (FrameTestClient client = server.connect(server.user())) {
      byte[] ping = FrameStreams.toBytes(ClientFrame.newBuilder()
          .setRequestId(77)
          .setPing(Ping.getDefaultInstance())
          .build());
      client.sendBytes(concat(ping, bytes(1, 0, 0, 9, 8)));
      client.answer(77);
      server.advance(Duration.ofSeconds(80));

      assertThat(client.goodbye().getReason()).isEqualTo(GoAway.Reason.IDLE);
    }
  }

  @Test
  void hello_split_at_every_byte_is_welcome() {
    User user = server.user();
    byte[] hello = FrameStreams.toBytes(ClientFrame.newBuilder()
        .setRequestId(1)
        .setHello(Hello.newBuilder().setToken(user.token()))
        .build());
    for (int split = 1; split < hello.length; split++) {
      try (FrameTestClient client = server.connect()) {
        client.sendBytes(Arrays.copyOfRange(hello, 0, split));
        client.sendBytes(Arrays.copyOfRange(hello, split, hello.length));

        assertThat(client.answer(1).hasWelcome()).as("split at %d", split).isTrue();
      }
    }
  }

  @Test
  void commands_byte_by_byte_are_carried_out() {
    byte[] publish = FrameStreams.toBytes(
        publishing(room(ROOM), "slow ☺", "").setRequestId(99).build());
    try (FrameTestClient client = server.connect(server.user())) {
      for (byte part : publish) {
        client.sendBytes(part);
      }

      assertThat(client.answer(99).hasPublished()).isTrue();
    }
  }

  @Test
  void a_peer_that_goes_on_sending_after_the_goodbye_is_closed_at_the_deadline() {
    try (FrameTestClient client = server.connect(server.user())) {
      client.sendBytes(bytes(1, 0, 0, 0));
      assertThat(client.goodbye().getReason()).isEqualTo(GoAway.Reason.PROTOCOL_ERROR);
      client.sendBytes(bytes(1, 0, 0, 0));
      assertThat(server.registry.size()).isEqualTo(1);
      server.advance(Duration.ofMillis(4_500));

      await().until(() -> server.registry.size() == 0);
    }
  }

  @Test
  void random_bytes_disturb_nobody() {
    long seed = Long.getLong("gochat.seed", System.nanoTime());
    Random random = new Random(seed);
    User user = server.user();
    try (FrameTestClient witness = server.connect(user)) {
      witness.join(ROOM);
      for (int round = 0; round < 200; round++) {
        try (FrameTestClient client =
            random.nextBoolean() ? server.connect() : server.connect(server.user())) {
          byte[] garbage = new byte[1 + random.nextInt(200)];
          random.nextBytes(garbage);
          garbage[0] = 1;
          if (random.nextBoolean() && garbage.length > 4) {
            garbage[1] = 0;
            garbage[2] = 0;
            garbage[3] = (byte) (garbage.length - 4);
          }
          client.sendBytes(garbage);
          if (random.nextBoolean()) {
            client.sendBytes(garbage);
          }
        } catch (UncheckedIOException closedMeanwhile) {
          assertThat(closedMeanwhile).as("seed %d", seed).hasMessageNotContaining("timed out");
        }
      }
      ServerFrame answer = witness.publish(room(ROOM), "still here");
      assertThat(answer.hasPublished()).as("seed %d", seed).isTrue();
      assertThat(server.closed("internal")).as("seed %d", seed).isZero();
    }
  }

  @Test
  void well_formed_commands_with_random_fields_find_no_bug() {
    long seed = Long.getLong("gochat.seed", System.nanoTime());
    Random random = new Random(seed);
    User user = server.user();
    try (FrameTestClient client = server.connect(user)) {
      int answered = 0;
      for (int round = 0; round < 3_000; round++) {
        ClientFrame.Builder command = randomCommand(random, user.id());
        long id = client.post(command);
        if (round % 40 == 39) {
          client.call(ClientFrame.newBuilder().setPing(Ping.getDefaultInstance()));
          answered++;
        }
        assertThat(id).isPositive();
      }
      assertThat(answered).isEqualTo(75);
      assertThat(server.refused(ErrorKind.INVALID_ARGUMENT)).as("seed %d", seed).isPositive();
      assertThat(server.refused(ErrorKind.INTERNAL)).as("seed %d", seed).isZero();
    }
  }

  private static ClientFrame.Builder randomCommand(Random random, long userId) {
    ClientFrame.Builder frame = ClientFrame.newBuilder();
    Topic.Builder topic = Topic.newBuilder();
    if (random.nextBoolean()) {
      topic.setRoomId(randomLong(random));
    } else {
      topic.setUserId(random.nextBoolean() ? userId : randomLong(random));
    }
    long number = randomLong(random);
    Position.Builder position = Position.newBuilder()
        .setTopic(topic)
        .setEpoch(randomLong(random))
        .setSeq(randomLong(random))
        .setMessageId(randomLong(random));
    return switch (random.nextInt(8)) {
      case 0 -> frame.setJoin(Join.newBuilder().setRoomId(topic.getRoomId()).setFrom(position));
      case 1 -> frame.setJoin(Join.newBuilder().setRoomId(number));
      case 2 -> frame.setLeave(Leave.newBuilder().setRoomId(number));
      case 3 ->
        frame.setPublish(Publish.newBuilder()
            .setTopic(topic)
            .setText("t".repeat(random.nextInt(3)))
            .setClientMessageId("k".repeat(random.nextInt(67))));
      case 4 -> frame.setAck(Ack.newBuilder().setTopic(topic).setSeq(number));
      case 5 ->
        frame.setFetch(
            Fetch.newBuilder().setTopic(topic).setAfterSeq(number).setLimit(random.nextInt(102)));
      case 6 -> frame.setGetRoomInfo(GetRoomInfo.newBuilder().setRoomId(number));
      default -> frame;
    };
  }

  private static long randomLong(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> 0;
      case 1 -> -1;
      case 2 -> 1L + random.nextInt(5);
      case 3 -> (1L << 53) - 1;
      case 4 -> Long.MAX_VALUE;
      default -> random.nextLong();
    };
  }

  private static void assertProtocolError(FrameTestClient client, String counted) {
    GoAway goodbye = client.goodbye();
    assertThat(goodbye.getReason()).isEqualTo(GoAway.Reason.PROTOCOL_ERROR);
    assertThat(goodbye.getFinal()).isTrue();
    assertThat(server.closed(counted)).isPositive();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] concat(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }
}
