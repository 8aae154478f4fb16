package io.gochat.server.http;

import static io.gochat.server.http.HttpAnswers.OK;
import static io.gochat.server.http.HttpAnswers.assertFailure;
import static io.gochat.server.http.HttpAnswers.assertSuccess;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.http.RawHttp.Response;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths, methods, CORS, and what all answers have in common. */
class HttpPathsTest {
  @TempDir
  static Path directory;

  @AutoClose
  private static HttpFixture node;

  private static String alice;

  @BeforeAll
  static void start() throws Exception {
    node = new HttpFixture(directory);
    node.register("alice");
    alice = node.login("alice");
  }

  @Test
  void a_preflight_allows_whatever_headers_a_script_asks_for_and_private_networks() {
    try (RawHttp http = node.connect()) {
      Response some = http.call(
          "OPTIONS",
          "/push/push",
          "",
          "Origin: https://example.org",
          "Access-Control-Request-Headers: x-requested-with,traceparent",
          "Access-Control-Request-Private-Network: true");
      Response none = http.call("OPTIONS", "/push/push", "");
      Response odd =
          http.call("OPTIONS", "/push/push", "", "Access-Control-Request-Headers: a(b), \"c\"");

      assertThat(some.header("Access-Control-Allow-Headers"))
          .isEqualTo("x-requested-with,traceparent");
      assertThat(some.header("Access-Control-Allow-Private-Network")).isEqualTo("true");
      for (Response usual : List.of(none, odd)) {
        assertThat(usual.header("Access-Control-Allow-Headers"))
            .isEqualTo("Content-Type, Authorization");
        assertThat(usual.has("Access-Control-Allow-Private-Network")).isFalse();
      }
    }
  }

  @Test
  void a_compressed_body_is_called_by_its_name() {
    Response response = node.post("/user/login", "\u001f\u0008", "Content-Encoding: gzip");

    assertFailure(
        response,
        400,
        "invalid_argument",
        "请求参数错误: Content-Encoding: bodies are not compressed here");
  }

  @Test
  void a_text_in_the_wrong_field_is_named() {
    Response response =
        node.post("/push/pushRoom", "{\"token\":\"" + alice + "\",\"room_id\":1,\"text\":\"hi\"}");

    assertFailure(response, 400, "invalid_argument", "发送消息失败: msg: missing; not known here: text");
  }

  @Test
  void unknown_paths_are_not_found() {
    try (RawHttp http = node.connect()) {
      assertFailure(http.post("/user/unknown", "{}"), 404, "not_found", "资源不存在");
      assertFailure(http.get("/user"), 404, "not_found", "资源不存在");
      assertFailure(http.post("/user/register/", "{}"), 404, "not_found", "资源不存在");
    }
  }

  @Test
  void a_query_and_the_absolute_form_lead_to_the_same_path() {
    String body = "{\"token\":\"" + alice + "\"}";

    assertSuccess(node.post("/user/checkAuth?x=1&y", body), OK);
    assertSuccess(node.post("http://example.org/user/checkAuth", body), OK);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET|/user/register|POST, OPTIONS",
        "PUT|/user/login|POST, OPTIONS",
        "DELETE|/push/push|POST, OPTIONS",
        "PATCH|/push/count|POST, OPTIONS",
        "POST|/healthz|GET, HEAD, OPTIONS"
      })
  void other_methods_of_a_known_path_are_not_allowed(String method, String path, String allow) {
    try (RawHttp http = node.connect()) {
      Response response = http.call(method, path, "");

      assertFailure(response, 405, "method_not_allowed", "请求方法不允许");
      assertThat(response.header("Allow")).isEqualTo(allow);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/user/register", "/push/push", "/no/such/path", "/", "*", "/healthz"})
  void options_of_any_path_is_an_empty_preflight_answer(String path) {
    try (RawHttp http = node.connect()) {
      Response response = http.call(
          "OPTIONS",
          path,
          "",
          "Origin: https://example.org",
          "Access-Control-Request-Method: POST",
          "Access-Control-Request-Headers: content-type, authorization");

      assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
      assertThat(response.body()).isEmpty();
      assertThat(response.header("Content-Length")).isEqualTo("0");
      assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
      assertThat(response.header("Access-Control-Allow-Methods"))
          .isEqualTo("GET, HEAD, POST, OPTIONS");
      assertThat(response.header("Access-Control-Allow-Headers"))
          .isEqualTo("content-type, authorization");
      assertThat(response.header("Access-Control-Max-Age")).isEqualTo("86400");
    }
  }

  @Test
  void health_and_readiness_answer_get_and_head() {
    try (RawHttp http = node.connect()) {
      assertSuccess(http.get("/healthz"), OK);
      assertSuccess(http.get("/readyz"), OK);

      Response head = http.call("HEAD", "/healthz", "");
      assertSuccess(head, "");
      assertThat(head.header("Content-Length")).isEqualTo("12");
      assertSuccess(http.get("/healthz"), OK); // the connection did not get out of step
    }
  }

  @Test
  void head_of_what_does_not_exist_has_no_body_either() {
    try (RawHttp http = node.connect()) {
      Response response = http.call("HEAD", "/nothing", "");

      assertThat(response.status()).isEqualTo(404);
      assertThat(response.header("X-Error-Code")).isEqualTo("not_found");
      assertSuccess(http.get("/healthz"), OK);
    }
  }

  @Test
  void dates_are_in_the_form_of_http() {
    assertThat(node.post("/user/checkAuth", "{}").header("Date"))
        .matches(
            "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT");
  }

  @Test
  void requests_are_counted_by_endpoint_and_status() {
    double before = node.counted("gochat.http.requests", "endpoint", "check_auth", "status", "401");
    double refusedBefore = node.counted("gochat.refused", "reason", "token_invalid");

    node.post("/user/checkAuth", "{}");

    assertThat(node.counted("gochat.http.requests", "endpoint", "check_auth", "status", "401"))
        .isEqualTo(before + 1);
    assertThat(node.counted("gochat.refused", "reason", "token_invalid"))
        .isEqualTo(refusedBefore + 1);
    node.awaitInFlight(0);
  }
}
