package io.gochat.server.http;

import static io.gochat.server.http.HttpAnswers.OK;
import static io.gochat.server.http.HttpAnswers.assertClosedAfter;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.http.RawHttp.Response;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peers that stop, wait, or take nothing. */
class HttpSlowPeersTest {
  @TempDir
  static Path directory;

  @AutoClose
  private static HttpFixture node;

  private static String token;
  private static String checkAuth;

  @BeforeAll
  static void start() throws Exception {
    node = new HttpFixture(directory);
    node.register("alice");
    token = node.login("alice");
    checkAuth = "{\"token\":\"" + token + "\"}";
  }

  @Test
  void http_1_0_is_served_and_closed_unless_it_asks_for_more() {
    try (RawHttp once = node.connect();
        RawHttp more = node.connect()) {
      once.send("GET /healthz HTTP/1.0\r\n\r\n");
      more.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".repeat(2));

      assertClosedAfter(once, 200);
      assertThat(more.read().header("Connection")).isEqualTo("keep-alive");
      assertThat(more.read().body()).isEqualTo(OK);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /user/ch",
        "POST /user/checkAuth HTTP/1.1\r\nHost: t\r\nContent-Le",
        "POST /user/checkAuth HTTP/1.1\r\nHost: t\r\nContent-Length: 20\r\n\r\n{\"tok",
        "GET /healthz HTTP/1.1\r\nHost: t\r\n\r\nGET /healthz HTT"
      })
  void a_sender_that_stops_within_a_request_is_told_and_closed(String beginning) {
    double before = timeouts();
    double accepted = accepted();
    try (RawHttp http = node.connect()) {
      http.send(beginning);
      if (beginning.startsWith("GET")) {
        assertThat(http.read().status()).isEqualTo(200);
      }
      await().until(() -> accepted() > accepted);

      // Bytes that arrive later than that start the deadline anew.
      await().until(() -> {
        node.advance(Duration.ofSeconds(11));
        return timeouts() > before;
      });

      Response response = http.read();
      assertThat(response.statusLine()).isEqualTo("HTTP/1.1 408 Request Timeout");
      assertThat(response.body()).isEqualTo("{\"code\":400,\"error\":\"请求超时\"}");
      assertThat(response.header("X-Error-Code")).isEqualTo("request_timeout");
      assertThat(response.header("Connection")).isEqualTo("close");
      assertThat(http.readToEnd()).isEmpty();
    }
    assertThat(timeouts()).isEqualTo(before + 1);
  }

  private static double timeouts() {
    return node.counted("gochat.refused", "reason", "request_timeout");
  }

  private static double accepted() {
    return node.counted("gochat.sniff.accepted", "protocol", "http");
  }

  @Test
  void a_slow_sender_within_the_deadline_is_served() {
    double accepted = accepted();
    try (RawHttp http = node.connect()) {
      http.send("GET /heal");
      await().until(() -> accepted() > accepted);
      node.advance(Duration.ofSeconds(4)); // of 10
      http.send("thz HTTP/1.1\r\nHost: t\r\n\r\n");

      assertThat(http.read().body()).isEqualTo(OK);
    }
  }

  @Test
  void an_idle_connection_is_closed_without_a_word() {
    try (RawHttp http = node.connect()) {
      assertThat(http.get("/healthz").status()).isEqualTo(200);

      // It is idle from when its answer is written, which may be after the client has it.
      await().until(() -> {
        node.advance(Duration.ofSeconds(76));
        return node.connections() == 0;
      });

      assertThat(http.readToEnd()).isEmpty();
    }
  }

  @Test
  void a_peer_that_takes_no_answers_is_not_read_and_in_the_end_cut_off() throws Exception {
    String history = RawHttp.request(
        "POST", "/push/history", "{\"token\":\"" + token + "\",\"room_id\":32,\"limit\":100}");
    for (int i = 0; i < 100; i++) {
      String body =
          "{\"token\":\"" + token + "\",\"room_id\":32,\"msg\":\"" + "x".repeat(2_000) + "\"}";
      assertThat(node.post("/push/pushRoom", body).status()).isEqualTo(200);
    }
    double before = node.counted("gochat.refused", "reason", "answer_not_read");

    try (RawHttp http = node.connect()) {
      http.send(history.repeat(100)); // 20 MB of answers
      awaitStandstill("history");
      await().atMost(Duration.ofSeconds(30)).until(() -> {
        node.advance(Duration.ofSeconds(5));
        return node.counted("gochat.refused", "reason", "answer_not_read") > before;
      });
    }
  }

  /** Until some requests to this endpoint are answered, and no more are. */
  private static void awaitStandstill(String endpoint) {
    double[] last = {0};
    await().pollInterval(Duration.ofMillis(300)).until(() -> {
      double now = node.counted("gochat.http.requests", "endpoint", endpoint, "status", "200");
      boolean stands = now > 0 && now == last[0];
      last[0] = now;
      return stands;
    });
  }

  @Test
  void many_large_answers_are_all_read_by_a_peer_that_reads_late() {
    for (int i = 0; i < 20; i++) {
      String body =
          "{\"token\":\"" + token + "\",\"room_id\":33,\"msg\":\"" + "y".repeat(2_000) + "\"}";
      assertThat(node.post("/push/pushRoom", body).status()).isEqualTo(200);
    }
    String history = RawHttp.request(
        "POST", "/push/history", "{\"token\":\"" + token + "\",\"room_id\":33,\"limit\":20}");

    try (RawHttp http = node.connect()) {
      int count = 400; // 16 MB of answers: more than the sockets' buffers hold
      http.send(history.repeat(count));

      String first = http.read().body();
      for (int i = 1; i < count; i++) {
        assertThat(http.read().body()).isEqualTo(first);
      }
    }
  }

  @Test
  void a_peer_that_has_shut_its_side_and_reads_late_gets_every_answer() {
    int count = 30_000; // more answers than the sockets' buffers hold
    try (RawHttp http = node.connect()) {
      http.send(RawHttp.request("GET", "/healthz", "").repeat(count)).endOutput();

      for (int i = 0; i < count; i++) {
        assertThat(http.read().body()).isEqualTo(OK);
      }
      assertThat(http.readToEnd()).isEmpty();
    }
  }

  @Test
  void a_peer_that_goes_away_before_the_answer_leaves_nothing_behind() {
    for (int i = 0; i < 20; i++) {
      try (RawHttp http = node.connect()) {
        http.send(HttpFixture.pushRoom(token, 34, i));
      }
    }

    node.awaitInFlight(0);
    assertThat(node.post("/user/checkAuth", checkAuth).body()).isEqualTo(OK);
  }
}
