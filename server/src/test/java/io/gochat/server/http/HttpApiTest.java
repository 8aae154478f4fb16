package io.gochat.server.http;

import static io.gochat.server.http.HttpAnswers.OK;
import static io.gochat.server.http.HttpAnswers.assertFailure;
import static io.gochat.server.http.HttpAnswers.assertSuccess;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.http.RawHttp.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The six documented endpoints, to the letter. */
class HttpApiTest {
  @TempDir
  static Path directory;

  @AutoClose
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

  private static String push(String fields) {
    return "{\"token\":\"" + alice + "\",\"msg\":\"hello\"," + fields + "}";
  }

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
}
