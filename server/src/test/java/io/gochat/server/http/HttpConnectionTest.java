package io.gochat.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.http.RawHttp.Response;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How requests come and connections go on, whatever is asked for. */
class HttpConnectionTest {
  private static final String OK = "{\"code\":200}";

  @TempDir
  static Path directory;

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

  @AfterAll
  static void stop() {
    node.close();
  }

  private static String pushRoom(long roomId, int i) {
    String body = "{\"token\":\"" + token + "\",\"msg\":\"m\",\"room_id\":" + roomId
        + ",\"client_message_id\":\"pipelined " + i + "\"}";
    return RawHttp.request("POST", "/push/pushRoom", body);
  }

  /** The head of a POST whose body is sent apart. */
  private static String head(String... headers) {
    return RawHttp.request("POST", "/user/checkAuth", "", headers);
  }

  private static void assertClosedAfter(RawHttp http, int status) {
    Response response = http.read();
    assertThat(response.status()).as(response.body()).isEqualTo(status);
    assertThat(response.header("Connection")).isEqualTo("close");
    assertThat(http.readToEnd()).isEmpty();
  }

  @Test
  void a_connection_serves_request_after_request() {
    try (RawHttp http = node.connect()) {
      for (int i = 0; i < 50; i++) {
        assertThat(http.post("/user/checkAuth", checkAuth).body()).isEqualTo(OK);
        assertThat(http.get("/nothing").status()).isEqualTo(404);
      }
    }
  }

  @Test
  void pipelined_requests_are_answered_in_order() {
    StringBuilder requests = new StringBuilder();
    int count = 300;
    for (int i = 1; i <= count; i++) {
      requests.append(pushRoom(31, i)); // answered by the store's thread
      requests.append(RawHttp.request("GET", i % 2 == 0 ? "/healthz" : "/nothing", "")); // at once
    }

    try (RawHttp http = node.connect()) {
      http.send(requests.toString());

      for (int i = 1; i <= count; i++) {
        assertThat(http.read().body()).contains("\"seq\":" + i + ",");
        assertThat(http.read().status()).isEqualTo(i % 2 == 0 ? 200 : 404);
      }
    }
  }

  @Test
  void a_peer_that_has_shut_its_side_still_gets_every_answer() {
    try (RawHttp http = node.connect()) {
      http.send(RawHttp.request("POST", "/user/register", HttpFixture.credentials("half"))
          + RawHttp.request("POST", "/user/login", HttpFixture.credentials("half"))
          + RawHttp.request("GET", "/healthz", ""));
      http.endOutput();

      assertThat(http.read().body()).isEqualTo(OK);
      assertThat(http.read().body()).contains("\"username\":\"half\"");
      assertThat(http.read().body()).isEqualTo(OK);
      assertThat(http.readToEnd()).isEmpty();
    }
  }

  @Test
  void a_request_may_come_split_at_every_offset() {
    byte[] request =
        RawHttp.request("POST", "/user/checkAuth", checkAuth, "X-Y: z").getBytes(UTF_8);

    for (int split = 1; split < request.length; split++) {
      try (RawHttp http = node.connect()) {
        http.send(Arrays.copyOf(request, split));
        http.send(Arrays.copyOfRange(request, split, request.length));

        assertThat(http.read().body()).as("split at %d", split).isEqualTo(OK);
      }
    }
  }

  @Test
  void a_request_may_come_byte_by_byte() {
    byte[] request = RawHttp.request("POST", "/user/checkAuth", checkAuth).getBytes(UTF_8);
    try (RawHttp http = node.connect()) {
      for (byte one : request) {
        http.send(new byte[] {one});
      }

      assertThat(http.read().body()).isEqualTo(OK);
    }
  }

  @Test
  void a_chunked_body_is_put_together() {
    StringBuilder chunks = new StringBuilder();
    for (int i = 0; i < checkAuth.length(); i++) {
      chunks.append("1;ext=1\r\n").append(checkAuth.charAt(i)).append("\r\n");
    }
    String request = head("Transfer-Encoding: chunked") + chunks + "0\r\nTrailer: x\r\n\r\n";

    try (RawHttp http = node.connect()) {
      http.send(request + request);

      assertThat(http.read().body()).isEqualTo(OK);
      assertThat(http.read().body()).isEqualTo(OK);
    }
  }

  @Test
  void who_waits_for_continue_is_told_to_go_on() {
    try (RawHttp http = node.connect()) {
      http.send(head("Expect: 100-continue", "Content-Length: " + checkAuth.length()));

      Response interim = http.read();
      http.send(checkAuth);

      assertThat(interim.statusLine()).isEqualTo("HTTP/1.1 100 Continue");
      assertThat(http.read().body()).isEqualTo(OK);
    }
  }

  @Test
  void who_waits_for_continue_with_too_much_is_refused_at_once() {
    try (RawHttp http = node.connect()) {
      http.send(head("Expect: 100-continue", "Content-Length: 100000000"));

      assertClosedAfter(http, 413);
    }
  }

  @Test
  void an_ordinary_client_that_offers_http_2_is_served_over_http_1() throws Exception {
    HttpClient client =
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + node.port() + "/user/checkAuth"))
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(checkAuth))
        .build();

    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()));
    }

    for (CompletableFuture<HttpResponse<String>> answer : answers) {
      HttpResponse<String> response = answer.get(30, TimeUnit.SECONDS);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(OK);
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }
  }

  @Test
  void an_ordinary_client_gets_the_refusal_of_a_body_that_it_is_still_sending() throws Exception {
    HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + node.port() + "/push/push"))
        .POST(HttpRequest.BodyPublishers.ofString("x".repeat(3_000_000)))
        .build();

    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.headers().firstValue("X-Error-Code")).hasValue("body_too_large");
  }

  @Test
  void connection_close_is_honoured() {
    try (RawHttp http = node.connect()) {
      http.send(RawHttp.request("POST", "/user/checkAuth", checkAuth, "Connection: close"));

      assertClosedAfter(http, 200);
    }
  }

  @Test
  void what_follows_the_last_request_is_dropped() {
    try (RawHttp http = node.connect()) {
      http.send(RawHttp.request("GET", "/healthz", "", "Connection: close")
          + RawHttp.request("GET", "/healthz", "").repeat(200));

      assertClosedAfter(http, 200);
    }
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

  @Test
  void a_body_at_the_limit_is_read_and_one_byte_more_is_not() {
    String padding = " ".repeat(HttpFixture.MAX_BODY_BYTES - checkAuth.length());
    try (RawHttp http = node.connect()) {
      assertThat(http.post("/user/checkAuth", checkAuth + padding).body()).isEqualTo(OK);

      http.send(RawHttp.request("POST", "/user/checkAuth", checkAuth + padding + " "));

      Response refused = http.read();
      assertThat(refused.statusLine()).isEqualTo("HTTP/1.1 413 Content Too Large");
      assertThat(refused.body()).isEqualTo("{\"code\":400,\"error\":\"请求体过大: over 16384 bytes\"}");
      assertThat(refused.header("X-Error-Code")).isEqualTo("body_too_large");
      assertThat(refused.header("Access-Control-Allow-Origin")).isEqualTo("*");
      assertThat(refused.header("Connection")).isEqualTo("close");
      assertThat(http.readToEnd()).isEmpty();
    }
  }

  @Test
  void a_peer_that_is_still_sending_too_much_gets_the_refusal_and_no_reset() {
    String chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
    try (RawHttp http = node.connect()) {
      http.send("POST /push/push HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 100; i++) {
        http.send(chunk);
      }

      assertClosedAfter(http, 413);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: t\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "Host: t\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
        "Host: t\r\nContent-Length: 2, 2\r\n\r\n{}",
        "Host: t\r\nContent-Length: +2\r\n\r\n{}",
        "Host: t\r\nContent-Length: -2\r\n\r\n{}",
        "Host: t\r\nContent-Length: 0x2\r\n\r\n{}",
        "Host: t\r\nContent-Length: 9223372036854775808\r\n\r\n{}",
        "Host: t\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}",
        "Host: t\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}x\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\n\n",
        "Host: t\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\n{}\r\n0\r\n\r\n",
        "Host: t\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "Host: t\nContent-Length: 2\n\n{}",
        "Host: t\r\nX: y\rContent-Length: 2\r\n\r\n{}",
        "Host: t\r\nHost: u\r\nContent-Length: 2\r\n\r\n{}",
        "Content-Length: 2\r\n\r\n{}",
        "Host: t\r\nno colon\r\n\r\n"
      })
  void a_request_that_can_be_read_in_two_ways_is_refused_and_ends_the_connection(String rest) {
    try (RawHttp http = node.connect()) {
      http.send("POST /user/checkAuth HTTP/1.1\r\n" + rest
          + RawHttp.request("GET", "/healthz", "")); // must not be taken for a request

      assertClosedAfter(http, 400);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /healthz\r\n\r\n",
        "GET /healthz HTTP/2.0\r\nHost: t\r\n\r\n",
        "GET /healthz HTTP/1.2\r\nHost: t\r\n\r\n",
        "GET /healthz HTTP/0.9\r\n\r\n",
        "GET  HTTP/1.1\r\nHost: t\r\n\r\n",
        "GET /healthz FTP/1.1\r\nHost: t\r\n\r\n"
      })
  void what_is_not_http_1_is_refused(String request) {
    try (RawHttp http = node.connect()) {
      http.send(request);

      assertClosedAfter(http, 400);
    }
  }

  @Test
  void a_transfer_encoding_in_http_1_0_is_refused() {
    try (RawHttp http = node.connect()) {
      http.send("POST /user/checkAuth HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");

      assertClosedAfter(http, 400);
    }
  }

  @Test
  void heads_are_bounded() {
    try (RawHttp longLine = node.connect();
        RawHttp longHeader = node.connect();
        RawHttp manyHeaders = node.connect()) {
      longLine.send("GET /" + "x".repeat(5_000) + " HTTP/1.1\r\nHost: t\r\n\r\n");
      longHeader.send("GET /healthz HTTP/1.1\r\nHost: t\r\nX: " + "x".repeat(9_000) + "\r\n\r\n");
      manyHeaders.send("GET /healthz HTTP/1.1\r\nHost: t\r\n" + "X: y\r\n".repeat(3_000) + "\r\n");

      assertClosedAfter(longLine, 414);
      assertClosedAfter(longHeader, 431);
      assertClosedAfter(manyHeaders, 431);
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
  void a_peer_that_goes_away_before_the_answer_leaves_nothing_behind() {
    for (int i = 0; i < 20; i++) {
      try (RawHttp http = node.connect()) {
        http.send(pushRoom(34, i));
      }
    }

    node.awaitInFlight(0);
    assertThat(node.post("/user/checkAuth", checkAuth).body()).isEqualTo(OK);
  }
}
