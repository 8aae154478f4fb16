package io.gochat.server.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.config.ConfigException;
import io.gochat.server.config.ServerFlags;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which web sites' scripts may use the server, over HTTP and WebSocket alike. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class AllowedOriginsTest {
  private static final String OURS = "https://chat.example.org";

  @TempDir
  Path directory;

  private static String answer(WebSocketServer server, String request) {
    try (RawWebSocket webSocket = RawWebSocket.connect(server.port())) {
      return webSocket.request(request);
    }
  }

  private static String upgrade(String origin) {
    String line = origin.isEmpty() ? "" : "Origin: " + origin + "\r\n";
    return RawWebSocket.handshake("GET", "/ws", "", line);
  }

  private static String get(String origin) {
    return "GET /healthz HTTP/1.1\r\nHost: localhost\r\nOrigin: " + origin + "\r\n\r\n";
  }

  @Test
  void by_default_every_site_may() throws Exception {
    try (WebSocketServer server = new WebSocketServer(directory)) {
      assertThat(answer(server, upgrade("https://other.example"))).startsWith("HTTP/1.1 101 ");
      assertThat(answer(server, get("https://other.example")))
          .contains("Access-Control-Allow-Origin: *\r\n");
    }
  }

  @Test
  void others_than_the_allowed_ones_are_kept_out() throws Exception {
    try (WebSocketServer server = new WebSocketServer(directory, "--allowed-origins=" + OURS)) {
      assertThat(answer(server, upgrade(OURS))).startsWith("HTTP/1.1 101 ");
      assertThat(answer(server, upgrade(""))).startsWith("HTTP/1.1 101 "); // no script's
      assertThat(answer(server, upgrade("http://localhost"))).startsWith("HTTP/1.1 101 "); // itself
      assertThat(answer(server, upgrade("https://other.example")))
          .startsWith("HTTP/1.1 403 ")
          .contains("X-Error-Code: forbidden\r\n");
      assertThat(answer(server, upgrade("null"))).startsWith("HTTP/1.1 403 ");
      assertThat(answer(server, get(OURS)))
          .contains("Access-Control-Allow-Origin: " + OURS + "\r\n", "Vary: Origin\r\n");
      assertThat(answer(server, get("https://other.example")))
          .contains("Vary: Origin\r\n")
          .doesNotContain("Access-Control-Allow-Origin");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"chat.example.org", "*,https://a.example", "https://a.example/path", ""})
  void what_is_no_origin_is_refused(String origins) {
    assertThatThrownBy(() -> ServerFlags.parse("--allowed-origins=" + origins))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--allowed-origins");
  }
}
