package io.gochat.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.http.RawHttp.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every endpoint and every row of the status table, over a real socket: status, headers and the exact body. */
class HttpApiTest {
  private static final String OK = "{\"code\":200}";

  @TempDir
  static Path directory;

  private static HttpFixture node;
  private static String alice;
  private static long aliceId;
  private static long bobId;

  @BeforeAll
  static void start() throws Exception {
    node = new HttpFixture(directory);
    node.register("alice");
    node.register("bob");
    alice = node.login("alice");
    aliceId = node.userId("alice");
    bobId = node.userId("bob");
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static void assertSuccess(Response response, String body, String... moreHeaders) {
    assertThat(response.statusLine()).isEqualTo("HTTP/1.1 200 OK");
    assertThat(response.body()).isEqualTo(body);
    List<String> headers = new ArrayList<>(List.of(
        "content-type",
        "access-control-allow-origin",
        "date",
        "x-content-type-options",
        "content-length"));
    headers.addAll(List.of(moreHeaders));
    assertThat(response.headers().keySet()).containsExactlyInAnyOrderElementsOf(headers);
    assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(response.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
    assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
  }

  private static void assertFailure(Response response, int status, String word, String error) {
    assertThat(response.status()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).isEqualTo("{\"code\":400,\"error\":\"" + error + "\"}");
    assertThat(response.header("X-Error-Code")).isEqualTo(word);
    assertThat(response.header("Content-Type")).isEqualTo("application/json; charset=utf-8");
    assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(response.header("Access-Control-Expose-Headers"))
        .isEqualTo("X-Error-Code, Retry-After");
  }

  private static String push(String fields) {
    return "{\"token\":\"" + alice + "\",\"msg\":\"hello\"," + fields + "}";
  }

  // ---- the six documented endpoints

  @Test
  void register_answers_the_business_code_alone() {
    Response response = node.post("/user/register", HttpFixture.credentials("carol"));

    assertSuccess(response, OK);
  }

  @Test
  void register_of_a_taken_name_is_the_documented_failure() {
    Response response = node.post("/user/register", HttpFixture.credentials("alice"));

    assertFailure(response, 400, "name_taken", "注册失败，用户名可能已存在");
  }

  @Test
  void names_that_differ_by_case_or_unicode_form_are_the_same_name() {
    node.register("J\\u00fcrgen");

    Response otherCase = node.post("/user/register", HttpFixture.credentials("j\\u00dcRGEN"));
    Response otherForm = node.post("/user/register", HttpFixture.credentials("Ju\\u0308rgen"));

    assertFailure(otherCase, 400, "name_taken", "注册失败，用户名可能已存在");
    assertFailure(otherForm, 400, "name_taken", "注册失败，用户名可能已存在");
  }

  @Test
  void of_two_registrations_of_one_name_at_the_same_moment_exactly_one_wins() throws Exception {
    int racers = 16;
    ExecutorService threads = Executors.newFixedThreadPool(racers);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<Response>> answers = new ArrayList<>();

    for (int i = 0; i < racers; i++) {
      answers.add(threads.submit(() -> {
        start.await();
        return node.post("/user/register", HttpFixture.credentials("contested"));
      }));
    }
    start.countDown();

    int winners = 0;
    for (Future<Response> answer : answers) {
      Response response = answer.get();
      if (response.status() == 200) {
        winners++;
      } else {
        assertFailure(response, 400, "name_taken", "注册失败，用户名可能已存在");
      }
    }
    threads.shutdownNow();
    assertThat(winners).isEqualTo(1);
  }

  @Test
  void login_answers_id_name_and_token_in_the_documented_order() {
    Response response = node.post("/user/login", HttpFixture.credentials("alice"));

    String token = response.body().replaceFirst(".*\"token\":\"([A-Za-z0-9_-]{43})\".*", "$1");
    assertSuccess(
        response,
        "{\"code\":200,\"user_id\":" + aliceId + ",\"username\":\"alice\",\"token\":\"" + token
            + "\"}",
        "cache-control");
    assertThat(response.header("Cache-Control")).isEqualTo("no-store");
    assertThat(token).hasSize(43);
  }

  @Test
  void several_logins_of_a_user_are_valid_side_by_side() {
    String first = node.login("bob");
    String second = node.login("bob");

    assertThat(first).isNotEqualTo(second);
    assertSuccess(node.post("/user/checkAuth", "{\"token\":\"" + first + "\"}"), OK);
    assertSuccess(node.post("/user/checkAuth", "{\"token\":\"" + second + "\"}"), OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"username\":\"alice\",\"password\":\"wrong\"}",
        "{\"username\":\"nobody\",\"password\":\"secret\"}"
      })
  void login_does_not_tell_which_of_name_and_password_was_wrong(String body) {
    Response response = node.post("/user/login", body);

    assertFailure(response, 401, "bad_credentials", "登录失败，用户名或密码错误");
  }

  @Test
  void check_auth_knows_a_valid_token() {
    assertSuccess(node.post("/user/checkAuth", "{\"token\":\"" + alice + "\"}"), OK);
  }

  @Test
  void logout_ends_the_token_for_every_endpoint() {
    String token = node.login("bob");
    String body = "{\"token\":\"" + token + "\"}";

    assertSuccess(node.post("/user/logout", body), OK);

    assertFailure(node.post("/user/checkAuth", body), 401, "token_invalid", "认证失败，令牌无效或已过期");
    assertFailure(node.post("/user/logout", body), 401, "token_invalid", "登出失败，令牌可能已过期");
  }

  @Test
  void push_of_all_documented_fields_answers_the_business_code_alone() {
    Response response = node.post(
        "/push/push",
        push("\"to_user_id\":" + bobId + ",\"to_user_name\":\"bob\",\"from_user_id\":" + aliceId
            + ",\"from_user_name\":\"alice\",\"room_id\":0"));

    assertSuccess(response, OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"to_user_name\":\"bob\"",
        "\"to_user_id\":0,\"to_user_name\":\"BOB\"",
        "\"to_user_name\":\"bob\",\"from_user_id\":0,\"from_user_name\":\"\"",
        "\"to_user_name\":\"bob\",\"from_user_name\":\"Alice\"",
        "\"to_user_name\":\"bob\",\"unknown\":{\"a\":[1.5,null,\"x\"]}",
        "\"to_user_name\":\"alice\""
      })
  void push_finds_the_recipient_by_name(String fields) {
    assertSuccess(node.post("/push/push", push(fields)), OK);
  }

  @Test
  void push_to_nobody_that_exists_is_not_found() {
    assertFailure(
        node.post("/push/push", push("\"to_user_id\":987654321")),
        404,
        "recipient_unknown",
        "发送消息失败: to_user_id: no such user");
    assertFailure(
        node.post("/push/push", push("\"to_user_name\":\"nobody\"")),
        404,
        "recipient_unknown",
        "发送消息失败: to_user_name: no such user");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"to_user_id\":0,\"to_user_name\":\"\"|to_user_id: missing, and to_user_name too",
        "\"from_user_id\":987654321,\"to_user_name\":\"bob\"|from_user_id: not the token's owner",
        "\"from_user_name\":\"bob\",\"to_user_name\":\"bob\"|from_user_name: not the token's owner",
        "\"from_user_name\":\"nobody\",\"to_user_name\":\"bob\"|from_user_name: not the token's owner"
      })
  void push_refuses_fields_that_contradict_the_token_or_name_nobody(String fields, String detail) {
    assertFailure(
        node.post("/push/push", push(fields)), 400, "invalid_argument", "发送消息失败: " + detail);
  }

  @ParameterizedTest
  @ValueSource(strings = {"alice", "nobody"})
  void push_refuses_a_recipient_whose_id_and_name_disagree(String name) {
    Response response = node.post(
        "/push/push", push("\"to_user_id\":" + bobId + ",\"to_user_name\":\"" + name + "\""));

    assertFailure(
        response, 400, "invalid_argument", "发送消息失败: to_user_name: not the name of to_user_id");
  }

  @Test
  void push_room_of_all_documented_fields_answers_the_business_code_alone() {
    Response response = node.post(
        "/push/pushRoom",
        push("\"to_user_id\":0,\"to_user_name\":\"\",\"from_user_id\":" + aliceId
            + ",\"from_user_name\":\"alice\",\"room_id\":789"));

    assertSuccess(response, OK);
  }

  @Test
  void push_room_needs_a_room() {
    assertFailure(
        node.post("/push/pushRoom", push("\"room_id\":0")),
        400,
        "invalid_argument",
        "发送消息失败: room_id: must be more than 0");
    assertFailure(
        node.post("/push/pushRoom", push("\"to_user_id\":0")),
        400,
        "invalid_argument",
        "发送消息失败: room_id: missing");
  }

  @ParameterizedTest
  @CsvSource({"/push/push,\"to_user_name\":\"bob\"", "/push/pushRoom,\"room_id\":7"})
  void a_client_message_id_makes_a_push_idempotent_and_tells_its_figures(
      String path, String fields) {
    String body = push(fields + ",\"client_message_id\":\"once" + path + "\"");

    Response first = node.post(path, body);
    Response repeat = node.post(path, body);
    Response other = node.post(path, body.replace("hello", "another text"));

    assertThat(first.body())
        .matches("\\{\"code\":200,\"message_id\":\\d+,\"seq\":\\d+,\"duplicate\":false}");
    assertSuccess(repeat, first.body().replace("false", "true"));
    assertThat(other.status()).isEqualTo(400);
    assertThat(other.header("X-Error-Code")).isEqualTo("client_message_id_reused");
    assertThat(other.body()).startsWith("{\"code\":400,\"error\":\"发送消息失败: ");
  }

  @Test
  void a_message_may_be_as_long_as_the_limit_and_no_longer() {
    String longest = "\\u0001".repeat(HttpFixture.MAX_TEXT_BYTES);
    String body = push("\"room_id\":8").replace("hello", longest);

    assertSuccess(node.post("/push/pushRoom", body), OK);
    assertFailure(
        node.post("/push/pushRoom", body.replace("\"msg\":\"", "\"msg\":\"x")),
        400,
        "invalid_argument",
        "发送消息失败: text: over 2048 bytes of UTF-8");
    assertFailure(
        node.post("/push/pushRoom", push("\"room_id\":8").replace("hello", "")),
        400,
        "invalid_argument",
        "发送消息失败: msg: empty");
  }

  // ---- beyond the document

  @Test
  void count_and_room_info_tell_who_is_in_a_room() {
    node.presence.join(4711, aliceId, "alice");
    node.presence.join(4711, aliceId, "alice");
    String body = "{\"token\":\"" + alice + "\",\"room_id\":4711}";

    assertSuccess(node.post("/push/count", body), "{\"code\":200,\"count\":1}");
    assertSuccess(
        node.post("/push/getRoomInfo", body),
        "{\"code\":200,\"room_id\":4711,\"count\":1,\"user_info\":{\"" + aliceId
            + "\":\"alice\"}}");
    assertSuccess(
        node.post("/push/getRoomInfo", body.replace("4711", "4712")),
        "{\"code\":200,\"room_id\":4712,\"count\":0,\"user_info\":{}}");
  }

  @Test
  void room_info_lists_at_most_a_thousand_names_beside_an_exact_count() {
    for (int user = 1; user <= 1_001; user++) {
      node.presence.join(4713, user, "u" + user);
    }

    Response response =
        node.post("/push/getRoomInfo", "{\"token\":\"" + alice + "\",\"room_id\":4713}");

    assertThat(response.body()).contains("\"count\":1001,");
    assertThat(response.body().split("\":\"u", -1)).hasSize(1_001);
  }

  @Test
  void history_pages_through_a_room() {
    for (int i = 1; i <= 3; i++) {
      String body = push("\"room_id\":555").replace("hello", "line " + i + " \\ud83d\\ude00\\\"");
      assertSuccess(node.post("/push/pushRoom", body), OK);
    }

    Response page = node.post(
        "/push/history",
        "{\"token\":\"" + alice + "\",\"room_id\":555,\"after_seq\":1,\"limit\":1}");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.body())
        .matches("\\{\"code\":200,\"messages\":\\[\\{\"message_id\":\\d+,\"seq\":2,"
            + "\"msg\":\"line 2 \uD83D\uDE00\\\\\"\",\"to_user_id\":0,\"to_user_name\":\"\","
            + "\"from_user_id\":" + aliceId + ",\"from_user_name\":\"alice\",\"room_id\":555,"
            + "\"created_at_ms\":\\d{13}}],\"first_seq\":1,\"last_seq\":3,\"epoch\":\\d+}");
  }

  @Test
  void history_of_the_inbox_is_the_callers_own_and_ack_is_bounded_by_it() {
    node.register("dora");
    String dora = node.login("dora");
    assertSuccess(node.post("/push/push", push("\"to_user_name\":\"dora\"")), OK);
    String token = "{\"token\":\"" + dora + "\",";

    Response inbox = node.post("/push/history", token + "\"inbox\":true,\"room_id\":0}");

    assertThat(inbox.body())
        .startsWith("{\"code\":200,\"messages\":[{\"message_id\":")
        .contains("\"to_user_name\":\"dora\",\"from_user_id\":" + aliceId)
        .contains("\"first_seq\":1,\"last_seq\":1,\"epoch\":");
    assertSuccess(node.post("/push/ack", token + "\"seq\":1}"), OK);
    assertFailure(
        node.post("/push/ack", token + "\"seq\":2}"),
        400,
        "invalid_argument",
        "请求参数错误: seq: beyond the end of the inbox, which is 1");
    assertFailure(
        node.post("/push/ack", token + "\"seq\":0}"),
        400,
        "invalid_argument",
        "请求参数错误: seq: must be more than 0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/push/history|\"after_seq\":0|room_id, inbox: exactly one of them",
        "/push/history|\"inbox\":true,\"room_id\":5|room_id, inbox: exactly one of them",
        "/push/history|\"room_id\":5,\"limit\":0|limit: not in 1 to 100",
        "/push/history|\"room_id\":5,\"limit\":101|limit: not in 1 to 100",
        "/push/history|\"inbox\":1|inbox: not true or false",
        "/push/count|\"room_id\":0|room_id: must be more than 0",
        "/push/count|\"x\":0|room_id: missing; not known here: x",
        "/push/getRoomInfo|\"room_id\":0|room_id: must be more than 0",
        "/push/ack|\"x\":0|seq: missing; not known here: x"
      })
  void reading_endpoints_say_what_is_wrong(String path, String fields, String detail) {
    assertFailure(
        node.post(path, "{\"token\":\"" + alice + "\"," + fields + "}"),
        400,
        "invalid_argument",
        "请求参数错误: " + detail);
  }

  // ---- tokens

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/user/checkAuth|{}|认证失败，令牌无效或已过期",
        "/user/logout|{}|登出失败，令牌可能已过期",
        "/push/push|{\"msg\":\"x\"}|发送消息失败: 认证失败，令牌无效或已过期",
        "/push/pushRoom|{\"msg\":\"x\",\"room_id\":0}|发送消息失败: 认证失败，令牌无效或已过期",
        "/push/count|{\"room_id\":0}|认证失败，令牌无效或已过期",
        "/push/getRoomInfo|{\"room_id\":1}|认证失败，令牌无效或已过期",
        "/push/history|{}|认证失败，令牌无效或已过期",
        "/push/ack|{\"seq\":1}|认证失败，令牌无效或已过期"
      })
  void missing_empty_and_unknown_tokens_are_unauthorized_before_meaning_is_looked_at(
      String path, String body, String sentence) {
    String separator = body.equals("{}") ? "" : ",";
    for (String token : List.of("", "\"token\":\"\"", "\"token\":\"" + "A".repeat(43) + "\"")) {
      String more = token.isEmpty() ? "" : separator + token;
      Response response = node.post(path, body.substring(0, body.length() - 1) + more + "}");

      assertFailure(response, 401, "token_invalid", sentence);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/user/checkAuth", "/user/logout", "/push/push", "/push/pushRoom", "/push/ack"})
  void syntax_is_judged_before_the_token(String path) {
    Response response = node.post(path, "{\"token\":\"unknown\",");

    assertThat(response.status()).isEqualTo(400);
    assertThat(response.header("X-Error-Code")).isEqualTo("malformed_json");
  }

  @Test
  void the_token_may_come_in_the_authorization_header() {
    String bearer = "Authorization: Bearer " + alice;

    assertSuccess(node.post("/user/checkAuth", "{}", bearer), OK);
    assertSuccess(node.post("/user/checkAuth", "", bearer), OK);
    assertSuccess(node.post("/user/checkAuth", "{}", bearer.replace("Bearer", "bearer")), OK);
    assertSuccess(node.post("/user/checkAuth", "{\"token\":\"" + alice + "\"}", bearer), OK);
    assertFailure(
        node.post("/user/checkAuth", "{}", "Authorization: Basic " + alice),
        401,
        "token_invalid",
        "认证失败，令牌无效或已过期");
  }

  @Test
  void two_different_tokens_are_a_contradiction() {
    Response response = node.post(
        "/user/checkAuth", "{\"token\":\"" + alice + "\"}", "Authorization: Bearer other");

    assertFailure(
        response, 400, "invalid_argument", "认证失败，令牌无效或已过期: token: not the one in Authorization");
  }

  // ---- paths, methods, CORS

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
