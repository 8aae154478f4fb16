package io.gochat.server.http;

import static io.gochat.server.http.HttpAnswers.OK;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.http.RawHttp.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad input gets a clear answer and a count; the connection goes on, and nothing else is disturbed. */
class HttpBadInputTest {
  private static final String NAME_AND = "{\"username\":\"eve\",\"password\":";

  @TempDir
  static Path directory;

  @AutoClose
  private static HttpFixture node;

  private static String token;

  @BeforeAll
  static void start() throws Exception {
    node = new HttpFixture(directory);
    node.register("alice");
    token = node.login("alice");
  }

  /** The answer on a connection that must serve another request afterwards. */
  private static Response refused(String path, byte[] body, String word) {
    double before = node.counted("gochat.refused", "reason", word);
    String head =
        "POST " + path + " HTTP/1.1\r\nHost: t\r\nContent-Length: " + body.length + "\r\n\r\n";
    try (RawHttp http = node.connect()) {
      Response response = http.send(head).send(body).read();

      assertThat(response.header("X-Error-Code")).as(response.body()).isEqualTo(word);
      assertThat(http.get("/healthz").body()).isEqualTo(OK);
      assertThat(node.counted("gochat.refused", "reason", word)).isEqualTo(before + 1);
      return response;
    }
  }

  private static void assertRefused(String path, byte[] body, String word, String error) {
    Response response = refused(path, body, word);
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body()).isEqualTo("{\"code\":400,\"error\":\"" + error + "\"}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"username\":\"eve\",\"username\":\"eve\",\"password\":\"x\"}|malformed_json|a key is given twice",
        "{\"username\":\"eve\",\"password\":\"x\"} x|malformed_json|not valid JSON, or too deep",
        "{\"username\":\"eve\",\"password\":\"x\"}{}|malformed_json|text after the object",
        "[]|malformed_json|not an object",
        "{\"username\":\"\\ud800\",\"password\":\"x\"}|malformed_json|a surrogate escape without its other half",
        "{\"username\":5,\"password\":\"x\"}|invalid_argument|username: not a string",
        "{\"username\":null,\"password\":\"x\"}|invalid_argument|username: not a string",
        "{\"username\":\"eve\"}|invalid_argument|password: missing",
        "{\"password\":\"x\"}|invalid_argument|username: missing",
        "{}|invalid_argument|username: missing",
        "{\"name\":\"eve\",\"<b>\":1,\"pass\":\"x\"}|invalid_argument|username: missing; not known here: name, pass"
      })
  void register_says_what_is_wrong_with_its_body(String body, String word, String detail) {
    assertRefused("/user/register", body.getBytes(UTF_8), word, "注册失败，用户名可能已存在: " + detail);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1.5|room_id: not an integer",
        "\"5\"|room_id: not an integer",
        "true|room_id: not an integer",
        "-1|room_id: not in 0 to 9007199254740991",
        "9007199254740992|room_id: not in 0 to 9007199254740991",
        "9223372036854775808|room_id: not in 0 to 9007199254740991"
      })
  void an_id_is_an_integer_from_0_to_2_to_the_53_less_1(String id, String detail) {
    String body = "{\"token\":\"" + token + "\",\"msg\":\"x\",\"room_id\":" + id + "}";

    assertRefused("/push/pushRoom", body.getBytes(UTF_8), "invalid_argument", "发送消息失败: " + detail);
  }

  @Test
  void invalid_utf_8_is_malformed() {
    byte[] body =
        ("{\"token\":\"" + token + "\",\"room_id\":1,\"msg\":\"\u00ff\"}").getBytes(ISO_8859_1);

    assertRefused("/push/pushRoom", body, "malformed_json", "发送消息失败: not valid UTF-8");
  }

  @Test
  void deep_nesting_is_refused() {
    byte[] body = "[".repeat(HttpFixture.MAX_BODY_BYTES).getBytes(UTF_8);
    assertRefused("/push/pushRoom", body, "malformed_json", "发送消息失败: not an object");

    body = ("{\"x\":" + "[".repeat(HttpFixture.MAX_BODY_BYTES - 5)).getBytes(UTF_8);
    assertRefused("/push/pushRoom", body, "malformed_json", "发送消息失败: not valid JSON, or too deep");

    try (RawHttp http = node.connect()) { // 200,000 levels are over the body limit, too
      http.send(RawHttp.request("POST", "/push/pushRoom", "[".repeat(200_000)));
      assertThat(http.read().status()).isEqualTo(413);
    }
  }

  @Test
  void passwords_are_bounded_and_without_nul() {
    assertThat(refused(
                "/user/register", (NAME_AND + "\"a\\u0000b\"}").getBytes(UTF_8), "invalid_argument")
            .status())
        .isEqualTo(400);
    assertThat(refused("/user/register", (NAME_AND + "\"\"}").getBytes(UTF_8), "invalid_argument")
            .status())
        .isEqualTo(400);
    String seventyThree = NAME_AND + "\"" + "é".repeat(36) + "x\"}";
    assertThat(refused("/user/register", seventyThree.getBytes(UTF_8), "invalid_argument")
            .status())
        .isEqualTo(400);
    assertThat(refused("/user/login", seventyThree.getBytes(UTF_8), "invalid_argument")
            .status())
        .isEqualTo(400);

    String seventyTwo = NAME_AND + "\"" + "é".repeat(36) + "\"}";
    assertThat(node.post("/user/register", seventyTwo).body()).isEqualTo(OK);
  }

  @Test
  void names_are_bounded_and_without_control_characters() {
    for (String name : List.of("", " a", "a\\u00a0", "a\\u0000b", "a\\u200db", "n".repeat(65))) {
      byte[] body = ("{\"username\":\"" + name + "\",\"password\":\"x\"}").getBytes(UTF_8);
      assertThat(refused("/user/register", body, "invalid_argument").body())
          .startsWith("{\"code\":400,\"error\":\"注册失败，用户名可能已存在: username: ");
    }
    assertThat(node.post(
                "/user/register", "{\"username\":\"" + "n".repeat(64) + "\",\"password\":\"x\"}")
            .body())
        .isEqualTo(OK);
  }

  @ParameterizedTest
  @CsvSource({"''", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})
  void a_client_message_id_has_1_to_64_characters(String id) {
    String body = "{\"token\":\"" + token
        + "\",\"msg\":\"x\",\"room_id\":1,\"client_message_id\":\"" + id + "\"}";

    assertRefused(
        "/push/pushRoom",
        body.getBytes(UTF_8),
        "invalid_argument",
        "发送消息失败: client_message_id: 1 to 64 characters");
  }

  @Test
  void an_expired_token_is_unauthorized() throws Exception {
    try (HttpFixture other = new HttpFixture(directory.resolve("other"))) {
      other.register("alice");
      String body = "{\"token\":\"" + other.login("alice") + "\"}";
      assertThat(other.post("/user/checkAuth", body).body()).isEqualTo(OK);

      other.advance(Duration.ofHours(25));

      assertThat(other.post("/user/checkAuth", body).body())
          .isEqualTo("{\"code\":400,\"error\":\"认证失败，令牌无效或已过期\"}");
    }
  }

  @Test
  void random_changes_of_good_requests_never_find_a_bug_of_ours() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<String> paths = List.of(
        "/user/register",
        "/user/checkAuth",
        "/push/push",
        "/push/pushRoom",
        "/push/count",
        "/push/getRoomInfo",
        "/push/history",
        "/push/ack");
    String good = "{\"username\":\"u\",\"password\":\"p\",\"msg\":\"h\\u00e9\\ud83d\\ude00\","
        + "\"to_user_id\":1,\"to_user_name\":\"alice\",\"from_user_id\":0,\"room_id\":7,"
        + "\"inbox\":false,\"after_seq\":0,\"limit\":5,\"seq\":1,\"client_message_id\":\"c\","
        + "\"token\":\"" + token + "\"}";
    double bugs = node.counted("gochat.refused", "reason", "internal");

    try (RawHttp http = node.connect()) {
      for (int i = 0; i < 3_000; i++) {
        String path = paths.get(random.nextInt(paths.size()));
        byte[] body = mutated(good.getBytes(UTF_8), random);

        Response response = http.send("POST " + path + " HTTP/1.1\r\nHost: t\r\nContent-Length: "
                + body.length + "\r\n\r\n")
            .send(body)
            .read();

        assertThat(response.status())
            .as("seed %d, request %d: %s", seed, i, new String(body, ISO_8859_1))
            .isIn(200, 400, 401, 404);
        assertThat(response.has("X-Error-Code")).isEqualTo(response.status() != 200);
      }
    }
    assertThat(node.counted("gochat.refused", "reason", "internal")).isEqualTo(bugs);
  }

  /** A few bytes changed, dropped or doubled, or a value replaced by one of another kind. */
  private static byte[] mutated(byte[] good, Random random) {
    String text = new String(good, ISO_8859_1);
    List<String> values = List.of(
        "0",
        "1",
        "-1",
        "1.5",
        "9007199254740991",
        "9223372036854775808",
        "\"\"",
        "\"\\ud800\"",
        "null",
        "true",
        "[]",
        "{}",
        "\"\\u0000\"",
        "1e400",
        "\u00e9",
        "[[[[");
    for (int change = random.nextInt(4); change > 0; change--) {
      int at = random.nextInt(text.length());
      String value = values.get(random.nextInt(values.size()));
      switch (random.nextInt(4)) {
        case 0 -> text = text.substring(0, at) + (char) random.nextInt(256) + text.substring(at);
        case 1 -> text = text.substring(0, at) + text.substring(Math.min(text.length(), at + 2));
        case 2 -> text = text.substring(0, at) + text.substring(Math.max(0, at - 8));
        default -> {
          int colon = Math.max(0, text.indexOf(':', at));
          int comma = Math.max(colon + 1, text.indexOf(',', colon));
          text = text.substring(0, colon + 1) + value + text.substring(comma);
        }
      }
    }
    return text.getBytes(ISO_8859_1);
  }
}
