package io.gochat.server.http;

import static io.gochat.server.http.HttpAnswers.OK;
import static io.gochat.server.http.HttpAnswers.assertClosedAfter;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How requests come and answers go on one connection. */
class HttpConnectionTest {
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

  /** The head of a POST whose body is sent apart. */
  private static String head(String... headers) {
    return RawHttp.request("POST", "/user/checkAuth", "", headers);
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
      requests.append(HttpFixture.pushRoom(token, 31, i)); // answered by the store's thread
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
        HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(30)).build();
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
}
