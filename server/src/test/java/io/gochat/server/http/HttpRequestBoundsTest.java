package io.gochat.server.http;

import static io.gochat.server.http.HttpAnswers.OK;
import static io.gochat.server.http.HttpAnswers.assertClosedAfter;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.http.RawHttp.Response;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are too large, or can be read in two ways. */
class HttpRequestBoundsTest {
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
}
