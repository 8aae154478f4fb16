package io.gochat.server.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.websocket.RawWebSocket.Frame;
import io.gochat.server.websocket.WebSocketServer.User;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The protocol itself, beneath the commands: fragments, pings, closing; one server for all tests. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class WebSocketProtocolTest {
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

  // ---- the protocol itself ----

  @Test
  void fragments_are_joined_and_pings_in_between_are_answered() throws Exception {
    User user = server.user();
    byte[] hello = user.hello().getBytes(UTF_8);
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "")) {
      webSocket.frame(Opcode.TEXT, Arrays.copyOf(hello, 10));
      webSocket.frame(FIN | Opcode.PING, "still there".getBytes(UTF_8));

      Frame pong = Objects.requireNonNull(webSocket.next());
      assertThat(pong.opcode()).isEqualTo(Opcode.PONG);
      assertThat(pong.text()).isEqualTo("still there");

      webSocket.frame(FIN | Opcode.CONTINUATION, Arrays.copyOfRange(hello, 10, hello.length));

      assertThat(webSocket.nextText()).startsWith("{\"request_id\":1,\"welcome\":");
    }
  }

  @Test
  void commands_right_behind_the_handshake_are_taken() throws Exception {
    User user = server.user();
    try (RawWebSocket webSocket = RawWebSocket.connect(server.port())) {
      byte[] hello = RawWebSocket.bytes(FIN | Opcode.TEXT, true, user.hello().getBytes(UTF_8));
      String head = RawWebSocket.handshake("GET", "/ws", "", "");
      byte[] both = Arrays.copyOf(head.getBytes(UTF_8), head.length() + hello.length);
      System.arraycopy(hello, 0, both, head.length(), hello.length);
      webSocket.sendBytes(both);

      assertThat(webSocket.request("")).startsWith("HTTP/1.1 101 ");
      assertThat(webSocket.nextText()).startsWith("{\"request_id\":1,\"welcome\":");
    }
  }

  @Test
  void a_close_is_answered_behind_what_was_accepted_and_ends_the_connection() throws Exception {
    try (RawWebSocket webSocket = server.open(server.user())) {
      webSocket.text("{\"request_id\":2,\"publish\":{\"topic\":{\"room_id\":15},\"text\":\"x\"}}");
      webSocket.frame(FIN | Opcode.CLOSE, (byte) 0x03, (byte) 0xE8);

      assertThat(webSocket.nextText()).startsWith("{\"request_id\":2,\"published\":");
      Frame close = Objects.requireNonNull(webSocket.next());
      assertThat(close.opcode()).isEqualTo(Opcode.CLOSE);
      assertThat(close.closeCode()).isEqualTo(1000);
      assertThat(webSocket.next()).isNull();
    }
  }

  @Test
  void a_close_without_a_code_is_answered_without_one() throws Exception {
    try (RawWebSocket webSocket = server.open(server.user())) {
      webSocket.frame(FIN | Opcode.CLOSE);

      assertThat(webSocket.goodbye().payload).isEmpty();
      assertThat(webSocket.next()).isNull();
    }
  }

  @Test
  void the_server_pings_a_silent_client_and_ends_one_that_stays_silent() throws Exception {
    try (WebSocketServer quick =
        new WebSocketServer(directory.resolve("quick"), "--heartbeat=3s")) {
      User user = quick.user("quick");
      try (RawWebSocket answering = quick.open(user);
          RawWebSocket silent = quick.open(user)) {
        for (int i = 0; i < 2; i++) {
          Frame ping = Objects.requireNonNull(answering.next());
          assertThat(ping.opcode()).isEqualTo(Opcode.PING);
          answering.frame(FIN | Opcode.PONG, ping.payload);
        }

        assertThat(silent.goodbye().closeCode()).isEqualTo(4005);
      }
    }
  }

  @Test
  void a_stopping_server_says_so() throws Exception {
    WebSocketServer stopping = new WebSocketServer(directory.resolve("stopping"));
    try (RawWebSocket webSocket = stopping.open(stopping.user("someone"))) {
      Thread stop = new Thread(stopping::close);
      stop.start();

      Frame close = webSocket.goodbye();

      assertThat(close.closeCode()).isEqualTo(4001);
      webSocket.frame(FIN | Opcode.CLOSE, close.payload);
      stop.join();
    }
  }

  @Test
  void the_client_of_the_jdk_gets_along() throws Exception {
    User user = server.user();
    Listening listening = new Listening();
    WebSocket webSocket = HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .subprotocols("chat.of.others", "gochat.v1.json")
        .buildAsync(server.uri(), listening)
        .join();

    webSocket.sendText(user.hello().substring(0, 12), false).join();
    webSocket.sendText(user.hello().substring(12), true).join();

    assertThat(webSocket.getSubprotocol()).isEqualTo("gochat.v1.json");
    assertThat(listening.next()).startsWith("{\"request_id\":1,\"welcome\":");

    webSocket.sendClose(WebSocket.NORMAL_CLOSURE, "bye").join();

    assertThat(listening.next()).isEqualTo("closed 1000");
  }

  private static final class Listening implements WebSocket.Listener {
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final StringBuilder text = new StringBuilder();

    String next() throws InterruptedException {
      return String.valueOf(heard.poll(30, TimeUnit.SECONDS));
    }

    @Override
    public @Nullable CompletionStage<?> onText(
        WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        heard.add(text.toString());
        text.setLength(0);
      }
      webSocket.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
      heard.add("closed " + code);
      return null;
    }
  }
}
