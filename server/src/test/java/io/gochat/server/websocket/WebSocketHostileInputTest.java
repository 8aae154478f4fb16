package io.gochat.server.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.websocket.RawWebSocket.Frame;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a peer gets that does not keep to RFC 6455; the others never notice. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class WebSocketHostileInputTest {
  private static final int FIN = 0x80;

  @TempDir
  static Path directory;

  private static WebSocketServer server;

  @BeforeAll
  static void start() throws Exception {
    server = new WebSocketServer(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  // ---- the handshake ----

  private static String answer(String request) {
    try (RawWebSocket webSocket = RawWebSocket.connect(server.port())) {
      return webSocket.request(request);
    }
  }

  @Test
  void the_accept_is_that_of_the_rfc() {
    assertThat(answer(RawWebSocket.handshake("GET", "/ws", "", "")))
        .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
        .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
        .doesNotContain("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
  }

  @Test
  void extensions_that_are_offered_are_not_taken() {
    String offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";

    assertThat(answer(RawWebSocket.handshake("GET", "/ws", "gochat.v1.protobuf", offer)))
        .startsWith("HTTP/1.1 101 ")
        .contains("Sec-WebSocket-Protocol: gochat.v1.protobuf\r\n")
        .doesNotContain("Extensions");
  }

  @Test
  void the_first_subprotocol_that_is_known_is_taken() {
    assertThat(answer(
            RawWebSocket.handshake("GET", "/ws", "x, gochat.v1.protobuf, gochat.v1.json", "")))
        .contains("Sec-WebSocket-Protocol: gochat.v1.protobuf\r\n");
  }

  @Test
  void an_unknown_subprotocol_is_refused() {
    assertThat(answer(RawWebSocket.handshake("GET", "/ws", "gochat.v2.json", "")))
        .startsWith("HTTP/1.1 400 ")
        .contains("X-Error-Code: invalid_argument\r\n");
  }

  @Test
  void another_version_is_told_which() {
    assertThat(answer(RawWebSocket.handshake("GET", "/ws", "", "Sec-WebSocket-Version: 8\r\n")))
        .startsWith("HTTP/1.1 426 ")
        .contains("Sec-WebSocket-Version: 13\r\n", "X-Error-Code: upgrade_required\r\n");
  }

  @Test
  void a_request_that_does_not_ask_for_it_is_told_to() {
    assertThat(answer("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 426 ")
        .contains("Upgrade: websocket\r\n");
  }

  @Test
  void only_get_is_allowed() {
    assertThat(answer(RawWebSocket.handshake("POST", "/ws", "", "Content-Length: 0\r\n")))
        .startsWith("HTTP/1.1 405 ")
        .contains("Allow: GET, OPTIONS\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, ''",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, 'Sec-WebSocket-Key: c2hvcnQ=\r\n'",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, 'Sec-WebSocket-Key: ????\r\n'"
  })
  void a_key_that_is_none_is_refused(String key, String instead) {
    String request = RawWebSocket.handshake("GET", "/ws", "", "").replace(key + "\r\n", instead);

    assertThat(answer(request)).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void a_body_is_refused() {
    assertThat(answer(RawWebSocket.handshake("GET", "/ws", "", "Content-Length: 2\r\n") + "{}"))
        .startsWith("HTTP/1.1 400 ");
  }

  @ParameterizedTest
  @CsvSource({"GET, 400", "POST, 405"})
  void a_request_that_announces_a_body_is_answered_from_its_head(String method, int status) {
    assertThat(answer(RawWebSocket.handshake(method, "/ws", "", "Content-Length: 99999999\r\n")))
        .startsWith("HTTP/1.1 " + status + " ");
    assertThat(answer(RawWebSocket.handshake(method, "/ws", "", "Transfer-Encoding: chunked\r\n")))
        .startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void other_paths_are_what_they_were() {
    assertThat(answer(RawWebSocket.handshake("GET", "/wss", "", ""))).startsWith("HTTP/1.1 404 ");
    assertThat(answer(RawWebSocket.handshake("GET", "/healthz", "", "")))
        .startsWith("HTTP/1.1 200 ");
  }

  // ---- frames ----

  private static void assertClosed(int code, byte... bytes) throws Exception {
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "")) {
      webSocket.sendBytes(bytes);

      assertThat(webSocket.goodbye().closeCode()).isEqualTo(code);
      assertThat(webSocket.next()).isNull();
    }
  }

  private static byte[] frame(int first, String payload) {
    return RawWebSocket.bytes(first, true, payload.getBytes(UTF_8));
  }

  @Test
  void what_breaks_the_framing_is_1002() throws Exception {
    assertClosed(1002, RawWebSocket.bytes(FIN | Opcode.TEXT, false, (byte) '{'));
    assertClosed(1002, frame(FIN | 0x40 | Opcode.TEXT, "{}"));
    assertClosed(1002, frame(FIN | 0x3, ""));
    assertClosed(1002, frame(Opcode.PING, ""));
    assertClosed(1002, frame(FIN | Opcode.PING, "x".repeat(126)));
    assertClosed(1002, frame(FIN | Opcode.CONTINUATION, "x"));
  }

  @Test
  void text_that_is_not_utf8_is_1007_and_the_other_kind_of_message_1003() throws Exception {
    assertClosed(1007, RawWebSocket.bytes(FIN | Opcode.TEXT, true, (byte) 0xC0, (byte) 0x80));
    assertClosed(1003, frame(FIN | Opcode.BINARY, "{}"));
  }

  @Test
  void a_message_over_the_bound_is_1009() throws Exception {
    byte[] head = {(byte) (FIN | Opcode.TEXT), (byte) 0xFF, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 0};

    assertClosed(1009, head);
  }

  @Test
  void a_close_that_must_not_be_is_1002_or_1007() throws Exception {
    assertClosed(1002, RawWebSocket.bytes(FIN | Opcode.CLOSE, true, (byte) 0x03));
    assertClosed(1002, RawWebSocket.bytes(FIN | Opcode.CLOSE, true, (byte) 0x03, (byte) 0xED));
    assertClosed(1002, RawWebSocket.bytes(FIN | Opcode.CLOSE, true, (byte) 0, (byte) 0));
    assertClosed(
        1007, RawWebSocket.bytes(FIN | Opcode.CLOSE, true, (byte) 0x03, (byte) 0xE8, (byte) 0xFF));
  }

  @Test
  void nothing_is_taken_behind_a_close() throws Exception {
    try (RawWebSocket webSocket = RawWebSocket.open(server.port(), "")) {
      webSocket.frame(FIN | Opcode.CLOSE, (byte) 0x03, (byte) 0xE8);
      webSocket.text("{\"hello\":{\"token\":\"x\"}}");

      Frame close = Objects.requireNonNull(webSocket.next());
      assertThat(close.opcode()).isEqualTo(Opcode.CLOSE);
      assertThat(close.closeCode()).isEqualTo(1000);
    }
  }
}
