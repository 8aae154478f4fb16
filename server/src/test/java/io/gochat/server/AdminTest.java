package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.gochat.protocol.GoAway;
import io.gochat.protocol.Join;
import io.gochat.protocol.Message;
import io.gochat.server.Nodes.On;
import io.gochat.server.Nodes.User;
import io.gochat.server.admin.AuditLog;
import io.gochat.server.contract.OpenApiContract;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.identity.ApiKey;
import io.gochat.server.webhook.ReceivingEndpoint;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** The admin API over real HTTP, on each store; on Redis the sockets are on the other node. */
@Timeout(120)
class AdminTest {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir
  Path directory;

  private final Nodes nodes = new Nodes();
  private final ListAppender<ILoggingEvent> audit = new ListAppender<>();
  private List<Server> servers = List.of();

  @BeforeEach
  void listen() {
    audit.start();
    Logger logger = (Logger) LoggerFactory.getLogger(AuditLog.NAME);
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(audit);
  }

  @AfterEach
  void stop() {
    ((Logger) LoggerFactory.getLogger(AuditLog.NAME)).detachAppender(audit);
    nodes.close();
  }

  private void start(On store, String... flags) throws Exception {
    Path keys = Files.writeString(directory.resolve("keys"), """
        Billing publish %s
        monitor read %s # looks only
        root admin %s
        """.formatted(
            ApiKey.hash("k-pub"), ApiKey.hash("k-read"), ApiKey.hash("k-admin")));
    String[] all = new String[flags.length + 1];
    System.arraycopy(flags, 0, all, 1, flags.length);
    all[0] = "--api-keys=" + keys;
    servers = nodes.start(store, directory.resolve("data"), all);
  }

  private Server near() {
    return servers.get(0);
  }

  private Server far() {
    return servers.get(servers.size() - 1);
  }

  private HttpResponse<String> call(String key, String method, String path, String body) {
    return call(near(), key, method, path, body);
  }

  private static HttpResponse<String> call(
      Server server, String key, String method, String path, String body) {
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.port() + "/admin/v1/" + path))
        .header("Authorization", "Bearer " + key)
        .method(method, HttpRequest.BodyPublishers.ofString(body))
        .build();
    try {
      HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
      OpenApiContract.check(
          method,
          "/admin/v1/" + path,
          answer.statusCode(),
          answer.headers().firstValue("Content-Type").orElse(""),
          answer.body());
      return answer;
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(HttpResponse<String> answer, int status, String word) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("X-Error-Code")).contains(word);
    assertThat(answer.body()).startsWith("{\"code\":400,\"error\":");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void a_backend_publishes_to_many_and_a_repeat_reaches_nobody_twice(On store) throws Exception {
    start(store, "--publish-rate=1", "--publish-burst=1");
    User alice = nodes.signIn(near(), "alice");
    User bob = nodes.signIn(far(), "bob");
    FrameTestClient socket = nodes.connect(far(), bob, "");
    socket.join(7);
    String body = """
        {"msg":"invoice","client_message_id":"i-1","to_user_ids":[%d,9999],
         "to_user_names":["BOB","nobody"],"room_ids":[7]}
        """.formatted(alice.id());

    HttpResponse<String> first = call("k-pub", "POST", "publish", body);
    HttpResponse<String> again = call("k-pub", "POST", "publish", body);

    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    assertThat(first.body())
        .contains("{\"to_user_id\":" + alice.id() + ",\"code\":200,\"message_id\":")
        .contains("{\"to_user_id\":9999,\"code\":400,\"error_code\":\"recipient_unknown\"")
        .contains("{\"to_user_name\":\"BOB\",\"code\":200")
        .contains("{\"to_user_name\":\"nobody\",\"code\":400")
        .contains("{\"room_id\":7,\"code\":200");
    assertThat(again.body().replace("\"duplicate\":true", "\"duplicate\":false"))
        .isEqualTo(first.body());
    List<Message> delivered = socket.deliveries(2);
    assertThat(delivered).extracting(Message::getFromUserName).containsOnly("Billing");
    socket.expectNothing();
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void a_thousand_recipients_take_one_call_and_one_more_is_refused(On store) throws Exception {
    start(store);
    String rooms = IntStream.rangeClosed(1, 1_000)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(","));

    HttpResponse<String> all =
        call("k-pub", "POST", "publish", "{\"msg\":\"x\",\"room_ids\":[" + rooms + "]}");

    assertThat(all.body().split("\"code\":200", -1)).hasSize(1_002);
    assertRefused(
        call("k-pub", "POST", "publish", "{\"msg\":\"x\",\"room_ids\":[" + rooms + ",1001]}"),
        400,
        "invalid_argument");
    assertRefused(
        call("k-pub", "POST", "publish", "{\"msg\":\"\",\"room_ids\":[1]}"),
        400,
        "invalid_argument");
    assertRefused(call("k-pub", "POST", "publish", ""), 400, "invalid_argument");
    assertRefused(
        call("k-pub", "POST", "publish", "{\"msg\":\"x\",\"room_ids\":7}"),
        400,
        "invalid_argument");
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void a_disabled_user_is_out_on_every_node_until_it_is_enabled(On store) throws Exception {
    start(store);
    User alice = nodes.signIn(near(), "alice");
    FrameTestClient socket = nodes.connect(far(), alice, "phone");

    HttpResponse<String> disabled = call("k-admin", "POST", "users/" + alice.id() + "/disable", "");
    long asked = System.nanoTime();

    assertThat(disabled.body()).contains("\"status\":\"disabled\"");
    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(1));
    String login = "{\"username\":\"alice\",\"password\":\"pw-alice\"}";
    assertThat(nodes.post(far(), "/user/login", login).errorCode()).isEqualTo("forbidden");
    assertThat(call("k-read", "GET", "users?name=Alice", "").body())
        .contains("\"user_id\":" + alice.id())
        .contains("\"status\":\"disabled\"");

    assertThat(call("k-admin", "POST", "users/" + alice.id() + "/enable", "{}").statusCode())
        .isEqualTo(200);

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> nodes.post(far(), "/user/login", login).status() == 200);
    assertThat(nodes
            .post(near(), "/user/checkAuth", "{\"token\":\"" + alice.token() + "\"}")
            .status())
        .as("the session of before stays dead")
        .isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void users_are_made_given_passwords_signed_out_and_deleted(On store) throws Exception {
    start(store);

    HttpResponse<String> made =
        call("k-admin", "POST", "users", "{\"username\":\"Carol\",\"password\":\"first\"}");
    String id = made.body().replaceFirst(".*\"user_id\":([0-9]+).*", "$1");
    assertRefused(call("k-admin", "POST", "users", "{\"username\":\"CAROL\"}"), 400, "name_taken");
    String token = nodes
        .post(near(), "/user/login", "{\"username\":\"carol\",\"password\":\"first\"}")
        .fields()
        .getOrDefault("token", "");

    assertThat(call("k-read", "GET", "users/" + id + "/sessions?limit=1", "").body())
        .contains("\"session_id\":\"")
        .doesNotContain(token);
    assertThat(call("k-admin", "POST", "users/" + id + "/password", "{\"password\":\"second\"}")
            .statusCode())
        .isEqualTo(200);
    assertThat(nodes
            .post(near(), "/user/checkAuth", "{\"token\":\"" + token + "\"}")
            .status())
        .isEqualTo(401);
    User carol = new User(
        Long.parseLong(id),
        nodes
            .post(near(), "/user/login", "{\"username\":\"carol\",\"password\":\"second\"}")
            .fields()
            .getOrDefault("token", ""));
    FrameTestClient socket = nodes.connect(far(), carol, "");

    assertThat(call("k-admin", "DELETE", "users/" + id + "/sessions", "").statusCode())
        .isEqualTo(200);
    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(call("k-admin", "DELETE", "users/" + id, "").statusCode()).isEqualTo(200);
    assertRefused(call("k-read", "GET", "users/" + id, ""), 404, "recipient_unknown");
    assertRefused(call("k-admin", "POST", "users", "{\"username\":\"carol\"}"), 400, "name_taken");

    assertThat(audit.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .allMatch(line -> line.startsWith("{\"time\":\"") && line.endsWith("\"}"))
        .anyMatch(line -> line.contains(
            "\"key\":\"root\",\"from\":\"127.0.0.1\",\"action\":\"user.delete\",\"target\":\"" + id
                + "\",\"outcome\":\"ok\""))
        .anyMatch(line -> line.contains("\"action\":\"user.create\",\"target\":\"CAROL\"")
            && line.contains("\"outcome\":\"name_taken\""))
        .noneMatch(line -> line.contains("second") || line.contains("first"));
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void a_rooms_history_is_dropped_and_its_sequences_go_on(On store) throws Exception {
    start(store);
    User alice = nodes.signIn(near(), "alice");
    for (int i = 1; i <= 3; i++) {
      nodes.pushRoom(near(), alice, 7, "m" + i, "");
    }
    assertThat(call("k-read", "GET", "rooms/7", "").body())
        .contains("\"first_seq\":1,\"last_seq\":3");

    assertThat(call("k-admin", "DELETE", "rooms/7", "").statusCode()).isEqualTo(200);

    assertThat(call("k-read", "GET", "rooms/7", "").body())
        .contains("\"first_seq\":4,\"last_seq\":3");
    FrameTestClient late = nodes.connect(far(), alice, "");
    late.join(Join.newBuilder()
        .setRoomId(7)
        .setFrom(FrameTestClient.position(FrameTestClient.room(7), 0, 0)));
    nodes.pushRoom(near(), alice, 7, "m4", "");
    assertThat(late.push().getGap().getToSeq()).isEqualTo(3);
    assertThat(late.delivery().getSeq()).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void connections_are_listed_in_pages_and_closed(On store) throws Exception {
    start(store);
    User alice = nodes.signIn(near(), "alice");
    FrameTestClient first = nodes.connect(near(), alice, "phone");
    nodes.connect(near(), alice, "laptop");
    nodes.connect(near(), nodes.signIn(near(), "bob"), "tablet");

    String page = call("k-read", "GET", "connections?limit=2", "").body();
    String cursor = page.replaceFirst(".*\"cursor\":\"([^\"]+)\".*", "$1");
    String rest =
        call("k-read", "GET", "connections?limit=2&cursor=" + cursor, "").body();

    assertThat(page.split("connection_id", -1)).hasSize(3);
    assertThat(rest.split("connection_id", -1)).hasSize(2);
    assertThat(rest).doesNotContain("cursor");
    String ofAlice =
        call("k-read", "GET", "connections?user_id=" + alice.id(), "").body();
    String phone = ofAlice.replaceFirst(
        ".*\"connection_id\":\"([^\"]+)\"[^}]*\"device_id\":\"phone\".*", "$1");
    assertThat(call("k-admin", "DELETE", "connections/" + phone, "").statusCode())
        .isEqualTo(200);
    assertThat(first.goodbye().getFinal()).isFalse();
    assertRefused(call("k-admin", "DELETE", "connections/nobody", ""), 404, "not_found");
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void keys_are_bound_to_their_scopes_and_the_paths_to_their_methods(On store) throws Exception {
    start(store);

    assertRefused(call("nobody's", "GET", "node", ""), 401, "token_invalid");
    assertRefused(call("k-pub", "GET", "node", ""), 403, "forbidden");
    assertRefused(call("k-read", "POST", "users/1/disable", ""), 403, "forbidden");
    assertRefused(call("k-read", "POST", "publish", "{}"), 403, "forbidden");
    assertRefused(call("k-admin", "PATCH", "users/1", ""), 405, "method_not_allowed");
    assertRefused(call("k-admin", "GET", "nothing", ""), 404, "not_found");
    assertRefused(call("k-admin", "GET", "users/0", ""), 400, "invalid_argument");
    String service = call("k-read", "GET", "users?name=billing", "").body();
    String serviceId = service.replaceFirst(".*\"user_id\":([0-9]+).*", "$1");
    assertThat(service).contains("\"kind\":\"service\"");
    assertRefused(
        call("k-admin", "POST", "users/" + serviceId + "/disable", ""), 400, "invalid_argument");
    assertRefused(
        call("k-admin", "GET", "users/99999999999999999999", ""), 400, "invalid_argument");
    assertRefused(call("k-admin", "POST", "users", "{\"username\":"), 400, "malformed_json");
    assertThat(call("k-read", "GET", "node", "").body())
        .contains("\"version\":")
        .contains("\"network.port\":\"0\"")
        .doesNotContain("k-");
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void a_running_server_is_backed_up_and_the_copy_restores(On store) throws Exception {
    Path backups = directory.resolve("backups");
    start(store, "--backup-dir=" + backups);
    User alice = nodes.signIn(near(), "alice");
    nodes.pushRoom(near(), alice, 7, "kept", "");

    String name = call("k-admin", "POST", "backup", "")
        .body()
        .replaceFirst(".*\"backup\":\"([^\"]+)\".*", "$1");
    nodes.pushRoom(near(), alice, 7, "after the backup", "");
    near().close();
    Path restored = directory.resolve("restored");
    int status = Main.run(
        new String[] {"restore", "--from=" + backups.resolve(name), "--data-dir=" + restored},
        Map.of());

    assertThat(status).isZero();
    Server again = nodes.start("--data-dir=" + restored);
    User back = nodes.logIn(again, "alice");
    assertThat(nodes.text(
            again, "/push/history", "{\"room_id\":7,\"token\":\"" + back.token() + "\"}"))
        .contains("kept")
        .doesNotContain("after the backup");
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void what_a_webhook_did_not_take_is_listed_sent_again_and_deleted(On store) throws Exception {
    try (ReceivingEndpoint endpoint = ReceivingEndpoint.start()) {
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(400));
      Path hooks = Files.writeString(
          directory.resolve("hooks"), "[" + endpoint.asJson("crm", "message.published") + "]");
      start(store, "--webhooks=" + hooks);
      User alice = nodes.signIn(near(), "alice");
      nodes.pushRoom(near(), alice, 7, "one", "");
      nodes.pushRoom(near(), alice, 8, "two", "");
      nodes.pushRoom(near(), alice, 9, "three", "");
      await()
          .until(() -> call("k-read", "GET", "webhooks/crm/dead", "")
              .body()
              .matches(".*room:7.*room:8.*room:9.*"));
      String page = call("k-read", "GET", "webhooks/crm/dead?limit=1", "").body();
      String id = page.replaceFirst(".*\"id\":\"([^\"]+)\".*", "$1");

      assertThat(call("k-read", "GET", "webhooks", "").body())
          .contains("\"name\":\"crm\"", "\"state\":\"works\"", "\"dead_letters\":3")
          .doesNotContain("whsec");
      assertThat(page).contains("\"cursor\":\"" + id + "\"", "\"reason\":\"HTTP 400\"");
      assertRefused(call("k-read", "POST", "webhooks/crm/dead/send", ""), 403, "forbidden");
      assertRefused(call("k-admin", "GET", "webhooks/none/dead", ""), 404, "not_found");
      assertRefused(
          call("k-admin", "POST", "webhooks/crm/dead/" + id + "/send", ""), 503, "overloaded");
      assertThat(call("k-admin", "POST", "webhooks/crm/dead/send", "").body())
          .contains("\"sent\":0,\"failure\":\"HTTP 400\"");
      assertThat(call("k-admin", "DELETE", "webhooks/crm/dead/" + id, "").statusCode())
          .isEqualTo(200);
      assertRefused(call("k-admin", "DELETE", "webhooks/crm/dead/" + id, ""), 404, "not_found");
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(200));
      assertThat(call("k-admin", "POST", "webhooks/crm/dead/send", "").body())
          .contains("\"sent\":2,\"failure\":\"\"");
      assertThat(call("k-read", "GET", "webhooks/crm/dead", "").body())
          .contains("\"dead_letters\":[]");
      assertThat(call("k-admin", "POST", "webhooks/crm/enable", "").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void a_terminal_sees_to_webhooks() throws Exception {
    try (ReceivingEndpoint endpoint = ReceivingEndpoint.start()) {
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(400));
      Path hooks = Files.writeString(
          directory.resolve("hooks"), "[" + endpoint.asJson("crm", "message.published") + "]");
      start(On.DIRECTORY, "--webhooks=" + hooks);
      User alice = nodes.signIn(near(), "alice");
      for (int room = 7; room <= 9; room++) {
        nodes.pushRoom(near(), alice, room, "m" + room, "");
      }
      await()
          .until(() -> terminal("k-read", "webhooks", "dead", "crm")
              .matches("(?s)0 .*room:7.*room:8.*room:9.*"));
      String id = terminal("k-read", "webhooks", "dead", "crm")
          .replaceFirst("(?s).*?\"id\":\"([^\"]+)\".*", "$1");

      assertThat(terminal("k-read", "webhooks"))
          .startsWith("0 ")
          .contains("\"name\":\"crm\"", "\"dead_letters\":3");
      assertThat(terminal("k-admin", "webhooks", "send", "crm", id))
          .startsWith("1 ")
          .contains("HTTP 400");
      assertThat(terminal("k-read", "webhooks", "send", "crm")).startsWith("1 ");
      assertThat(terminal("k-admin", "webhooks", "drop", "crm", id)).startsWith("0 ");
      assertThat(terminal("k-admin", "webhooks", "drop", "crm", id)).startsWith("1 ");
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(200));
      assertThat(terminal("k-admin", "webhooks", "send", "crm"))
          .startsWith("0 ")
          .contains("\"sent\":2");

      endpoint.behave(request -> ReceivingEndpoint.Answer.status(410));
      nodes.pushRoom(near(), alice, 7, "the last one", "");
      await().until(() -> terminal("k-read", "webhooks").contains("\"state\":\"ended\""));
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(200));
      assertThat(terminal("k-admin", "webhooks", "enable", "crm")).startsWith("0 ");
      await().until(() -> terminal("k-read", "webhooks").contains("\"state\":\"works\""));
      nodes.pushRoom(near(), alice, 7, "after all", "");
      await().until(() -> endpoint.messages().contains("after all"));

      assertThat(terminal("k-admin", "webhooks", "send", "nobody")).startsWith("1 ");
      assertThat(terminal("k-admin", "webhooks", "nonsense", "crm")).startsWith("2 ");
    }
  }

  @Test
  void a_file_of_webhooks_with_a_mistake_refuses_the_start_with_a_sentence() throws Exception {
    Path hooks = Files.writeString(directory.resolve("hooks"), "[{\"name\":\"crm\"}]");

    assertThatThrownBy(() -> start(On.DIRECTORY, "--webhooks=" + hooks))
        .isInstanceOf(StartException.class)
        .hasMessage("--webhooks=" + hooks + ": endpoint 1 (crm): url: is missing.");
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void keys_that_change_in_their_file_count_at_once_and_a_mistake_changes_nothing(On store)
      throws Exception {
    start(store);
    Path file = directory.resolve("keys");
    Files.writeString(file, "root admin " + ApiKey.hash("k-new") + "\n");

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> call("k-new", "GET", "node", "").statusCode() == 200);
    assertThat(call("k-admin", "GET", "node", "").statusCode()).isEqualTo(401);
    Files.writeString(file, "root admin nonsense that is longer than before, so that it is seen\n");
    nodes.signIn(near(), "somebody");

    assertThat(call("k-new", "GET", "node", "").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void a_terminal_can_do_the_same(On store) throws Exception {
    start(store);
    User alice = nodes.signIn(near(), "alice");

    assertThat(terminal("k-admin", "disable", Long.toString(alice.id())))
        .startsWith("0 {\"code\":200,\"user\":{\"user_id\":" + alice.id());
    assertThat(terminal("k-read", "user", "alice")).contains("\"status\":\"disabled\"");
    assertThat(terminal("k-read", "enable", Long.toString(alice.id())))
        .startsWith("1 {\"code\":400");
    assertThat(terminal("k-pub", "publish", "room:7", "alice", "say \"hi\""))
        .contains("{\"to_user_name\":\"alice\",\"code\":200")
        .contains("{\"room_id\":7,\"code\":200");
    assertThat(terminal("k-read", "nonsense")).startsWith("2 ");
  }

  @Test
  void a_path_that_is_none_is_refused_and_no_fault_of_the_server() throws Exception {
    start(On.DIRECTORY);

    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), near().port())) {
      socket.setSoTimeout(30_000);
      socket
          .getOutputStream()
          .write("GET /admin/v1/%zz HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer k-admin\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      BufferedReader answer = new BufferedReader(
          new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));

      assertThat(answer.readLine()).startsWith("HTTP/1.1 400 ");
      assertThat(answer
              .lines()
              .filter(line -> line.startsWith("x-error-code") || line.startsWith("X-Error-Code"))
              .findFirst())
          .hasValueSatisfying(line -> assertThat(line).endsWith("invalid_argument"));
    }
  }

  /** The exit status, and what was printed. */
  private String terminal(String key, String... action) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      String[] all = new String[action.length + 3];
      all[0] = "admin";
      all[1] = "--url=http://127.0.0.1:" + near().port();
      all[2] = "--api-key=" + key;
      System.arraycopy(action, 0, all, 3, action.length);
      return Main.run(all, Map.of()) + " " + out.toString(StandardCharsets.UTF_8);
    } finally {
      System.setOut(before);
    }
  }
}
