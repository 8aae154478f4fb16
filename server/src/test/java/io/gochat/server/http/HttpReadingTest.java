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

/** What is read over HTTP, beyond the document, and whose token says who asks. */
class HttpReadingTest {
  @TempDir
  static Path directory;

  @AutoClose
  private static HttpFixture node;

  private static String alice;
  private static long aliceId;

  @BeforeAll
  static void start() throws Exception {
    node = new HttpFixture(directory);
    node.register("alice");
    node.register("bob");
    alice = node.login("alice");
    aliceId = node.userId("alice");
  }

  private static String push(String fields) {
    return "{\"token\":\"" + alice + "\",\"msg\":\"hello\"," + fields + "}";
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
}
