package io.gochat.server.websocket;

import static io.gochat.server.frame.FrameTestClient.room;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.ClientFrame;
import io.gochat.protocol.Hello;
import io.gochat.protocol.Join;
import io.gochat.protocol.Message;
import io.gochat.protocol.ServerFrame;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.websocket.RawWebSocket.Frame;
import io.gochat.server.websocket.WebSocketServer.User;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Conversations over WebSocket in both formats, and beside frames; one server for all tests. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class WebSocketTest {
  private static final int FIN = 0x80;

  @TempDir
  static Path directory;

  private static WebSocketServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new WebSocketServer(directory, "--max-connections-per-user=3");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  // ---- JSON ----

  @Test
  void a_conversation_in_json() throws Exception {
    User alice = server.user();
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "gochat.v1.json")) {
      webSocket.text(alice.hello());

      assertThat(webSocket.nextText())
          .startsWith(
              "{\"request_id\":1,\"welcome\":{\"user_id\":" + alice.id() + ",\"username\":\""
                  + alice.name() + "\",\"heartbeat_ms\":30000,\"max_frame_bytes\":131072,"
                  + "\"resumed\":[{\"topic\":{\"user_id\":" + alice.id() + "},\"epoch\":");

      webSocket.text("{\"request_id\":2,\"join\":{\"room_id\":11}}");

      assertThat(webSocket.nextText())
          .startsWith("{\"request_id\":2,\"joined\":{\"resumed\":{\"topic\":{\"room_id\":11},")
          .endsWith("\"recovered\":true,\"next_seq\":1},\"member_count\":1}}");

      webSocket.text("{\"publish\":{\"topic\":{\"room_id\":11},\"text\":\"hi \\\"☺\\\"\"}}");

      assertThat(webSocket.nextText())
          .startsWith("{\"delivery\":{\"message_id\":")
          .contains("\"topic\":{\"room_id\":11},\"seq\":1,\"from_user_id\":" + alice.id()
              + ",\"from_user_name\":\"" + alice.name() + "\",\"text\":\"hi \\\"☺\\\"\"");

      webSocket.text("{\"request_id\":5,\"fetch\":{\"topic\":{\"room_id\":11},\"limit\":10}}");

      assertThat(webSocket.nextText())
          .startsWith("{\"request_id\":5,\"history\":{\"messages\":[{\"message_id\":")
          .contains("}],\"last_seq\":1,\"first_seq\":1,\"epoch\":");

      webSocket.text("{\"request_id\":6,\"get_room_info\":{\"room_id\":11}}");

      assertThat(webSocket.nextText())
          .isEqualTo("{\"request_id\":6,\"room_info\":{\"room_id\":11,\"count\":1,\"members\":["
              + "{\"user_id\":" + alice.id() + ",\"username\":\"" + alice.name() + "\"}]}}");

      webSocket.text("{\"request_id\":7,\"leave\":{\"room_id\":11}}");

      assertThat(webSocket.nextText()).isEqualTo("{\"request_id\":7,\"done\":{}}");
    }
  }

  @Test
  void what_cannot_be_read_is_an_error_and_the_connection_goes_on() throws Exception {
    try (RawWebSocket webSocket = server.open(server.user())) {
      webSocket.text("{\"request_id\":2,\"join\":{\"room_id\":1.5}}");

      assertThat(webSocket.nextText())
          .isEqualTo("{\"error\":{\"code\":\"INVALID_ARGUMENT\",\"message\":\"join.room_id: not an"
              + " integer from 0 to 9007199254740991\"}}");

      webSocket.text("{\"request_id\":3,\"fly\":{}}");

      assertThat(webSocket.nextText())
          .startsWith("{\"request_id\":3,\"error\":{\"code\":\"UNKNOWN_COMMAND\"");

      webSocket.text("{\"request_id\":4,\"ping\":{}}");

      assertThat(webSocket.nextText()).isEqualTo("{\"request_id\":4,\"pong\":{}}");
    }
  }

  @Test
  void before_hello_what_cannot_be_read_ends_the_connection() {
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "")) {
      webSocket.text("{\"hello\":7}");

      assertThat(webSocket.nextText())
          .isEqualTo("{\"go_away\":{\"reason\":\"PROTOCOL_ERROR\",\"final\":true}}");
      assertThat(webSocket.goodbye().closeCode()).isEqualTo(4506);
    }
  }

  @Test
  void a_wrong_token_is_final_and_too_many_connections_are_not() throws Exception {
    User user = server.user();
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "")) {
      webSocket.text("{\"request_id\":1,\"hello\":{\"token\":\"no\"}}");

      assertThat(webSocket.nextText())
          .startsWith("{\"request_id\":1,\"error\":{\"code\":\"TOKEN_INVALID\"");
      assertThat(webSocket.goodbye().closeCode()).isEqualTo(4603);
    }
    try (RawWebSocket one = server.open(user);
        RawWebSocket two = server.open(user);
        RawWebSocket three = server.open(user);
        RawWebSocket four = RawWebSocket.open(server.port(), "")) {
      four.text(user.hello());

      assertThat(four.goodbye().closeCode()).isEqualTo(4109);
      one.frame(FIN | Opcode.CLOSE);
      two.frame(FIN | Opcode.CLOSE);
      three.frame(FIN | Opcode.CLOSE);
    }
  }

  @Test
  void a_logout_closes_with_the_code_of_its_reason() throws Exception {
    User user = server.user();
    try (RawWebSocket webSocket = server.open(user)) {
      server.post("/user/logout", "{\"token\":\"" + user.token() + "\"}");

      assertThat(webSocket.nextText())
          .isEqualTo("{\"go_away\":{\"reason\":\"REVOKED\",\"final\":true}}");
      assertThat(webSocket.goodbye().closeCode()).isEqualTo(4502);
    }
  }

  @Test
  void the_longest_text_of_the_widest_escapes_is_taken() throws Exception {
    try (RawWebSocket webSocket = server.open(server.user())) {
      String text = "\\u0001".repeat(16_384);
      webSocket.text(
          "{\"request_id\":2,\"publish\":{\"topic\":{\"room_id\":12},\"text\":\"" + text + "\"}}");

      assertThat(webSocket.nextText())
          .startsWith("{\"request_id\":2,\"published\":{\"message_id\":");
    }
  }

  // ---- protobuf ----

  @Test
  void a_conversation_in_protobuf() throws Exception {
    User bob = server.user();
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "gochat.v1.protobuf")) {
      webSocket.frame(
          FIN | Opcode.BINARY,
          ClientFrame.newBuilder()
              .setRequestId(1)
              .setHello(Hello.newBuilder().setToken(bob.token()))
              .build()
              .toByteArray());

      ServerFrame welcome = binary(webSocket);
      assertThat(welcome.getWelcome().getUserId()).isEqualTo(bob.id());
      assertThat(welcome.getWelcome().getMaxFrameBytes()).isEqualTo(65_536);

      webSocket.frame(
          FIN | Opcode.BINARY,
          ClientFrame.newBuilder()
              .setJoin(Join.newBuilder().setRoomId(13))
              .build()
              .toByteArray());
      webSocket.frame(
          FIN | Opcode.BINARY,
          FrameTestClient.publishing(room(13), "hello", "").build().toByteArray());

      ServerFrame delivery = binary(webSocket);
      while (delivery.hasPresence()) {
        delivery = binary(webSocket);
      }
      assertThat(delivery.getDelivery().getText()).isEqualTo("hello");
    }
  }

  @Test
  void protobuf_that_cannot_be_read_ends_the_connection() {
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "gochat.v1.protobuf")) {
      webSocket.frame(FIN | Opcode.BINARY, (byte) 0xFF, (byte) 0xFF);

      assertThat(binary(webSocket).getGoAway().getFinal()).isTrue();
      assertThat(webSocket.goodbye().closeCode()).isEqualTo(4506);
    }
  }

  private static ServerFrame binary(RawWebSocket webSocket) {
    Frame frame = Objects.requireNonNull(webSocket.next());
    assertThat(frame.opcode()).isEqualTo(Opcode.BINARY);
    try {
      return ServerFrame.parseFrom(frame.payload);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  // ---- one room, three formats ----

  @Test
  void a_room_of_all_formats_gets_every_message_once_and_in_order() throws Exception {
    User user = server.user();
    User sender = server.user();
    int messages = 500;
    try (RawWebSocket json = server.open(user);
        RawWebSocket protobuf = RawWebSocket.open(server.port(), "gochat.v1.protobuf");
        FrameTestClient frames = FrameTestClient.connect(server.port());
        FrameTestClient publisher = FrameTestClient.connect(server.port())) {
      json.text("{\"request_id\":2,\"join\":{\"room_id\":14}}");
      assertThat(json.nextText()).contains("joined");
      protobuf.frame(
          FIN | Opcode.BINARY,
          ClientFrame.newBuilder()
              .setHello(Hello.newBuilder().setToken(user.token()))
              .build()
              .toByteArray());
      protobuf.frame(
          FIN | Opcode.BINARY,
          ClientFrame.newBuilder()
              .setRequestId(2)
              .setJoin(Join.newBuilder().setRoomId(14))
              .build()
              .toByteArray());
      assertThat(binary(protobuf).hasWelcome()).isTrue();
      assertThat(binary(protobuf).hasJoined()).isTrue();
      frames.hello(user.token());
      frames.join(14);
      publisher.hello(sender.token());

      for (int i = 1; i <= messages; i++) {
        publisher.post(FrameTestClient.publishing(room(14), "message " + i, ""));
      }

      for (int i = 1; i <= messages; i++) {
        Message message = frames.delivery();
        assertThat(message.getSeq()).isEqualTo(i);
        assertThat(json.nextText())
            .contains("\"seq\":" + i + ",", "\"text\":\"" + message.getText() + "\"");
        ServerFrame binary = binary(protobuf);
        while (binary.hasPresence()) {
          binary = binary(protobuf);
        }
        assertThat(binary.getDelivery()).isEqualTo(message);
      }
    }
  }
}
