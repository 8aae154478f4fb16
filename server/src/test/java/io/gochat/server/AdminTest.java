package io.gochat.server;

import static io.gochat.server.AdminNodes.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.Join;
import io.gochat.protocol.Message;
import io.gochat.server.Nodes.On;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.identity.ApiKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What programs do by the admin API over real HTTP, on each store; on Redis the sockets are on the other node. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class AdminTest {
  @TempDir
  Path directory;

  @AutoClose
  private AdminNodes admin;

  @BeforeEach
  void open() {
    admin = new AdminNodes(directory);
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void a_backend_publishes_to_many_and_a_repeat_reaches_nobody_twice(On store) throws Exception {
    admin.start(store, "--publish-rate=1", "--publish-burst=1");
    User alice = admin.nodes.signIn(admin.near(), "alice");
    User bob = admin.nodes.signIn(admin.far(), "bob");
    FrameTestClient socket = admin.nodes.connect(admin.far(), bob, "");
    socket.join(7);
    String body = """
        {"msg":"invoice","client_message_id":"i-1","to_user_ids":[%d,9999],
         "to_user_names":["BOB","nobody"],"room_ids":[7]}
        """.formatted(alice.id());

    HttpResponse<String> first = admin.call("k-pub", "POST", "publish", body);
    HttpResponse<String> again = admin.call("k-pub", "POST", "publish", body);

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
    admin.start(store);
    String rooms = IntStream.rangeClosed(1, 1_000)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(","));

    HttpResponse<String> all =
        admin.call("k-pub", "POST", "publish", "{\"msg\":\"x\",\"room_ids\":[" + rooms + "]}");

    assertThat(all.body().split("\"code\":200", -1)).hasSize(1_002);
    assertRefused(
        admin.call("k-pub", "POST", "publish", "{\"msg\":\"x\",\"room_ids\":[" + rooms + ",1001]}"),
        400,
        "invalid_argument");
    assertRefused(
        admin.call("k-pub", "POST", "publish", "{\"msg\":\"\",\"room_ids\":[1]}"),
        400,
        "invalid_argument");
    assertRefused(admin.call("k-pub", "POST", "publish", ""), 400, "invalid_argument");
    assertRefused(
        admin.call("k-pub", "POST", "publish", "{\"msg\":\"x\",\"room_ids\":7}"),
        400,
        "invalid_argument");
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void a_rooms_history_is_dropped_and_its_sequences_go_on(On store) throws Exception {
    admin.start(store);
    User alice = admin.nodes.signIn(admin.near(), "alice");
    for (int i = 1; i <= 3; i++) {
      admin.nodes.pushRoom(admin.near(), alice, 7, "m" + i, "");
    }
    assertThat(admin.call("k-read", "GET", "rooms/7", "").body())
        .contains("\"first_seq\":1,\"last_seq\":3");

    assertThat(admin.call("k-admin", "DELETE", "rooms/7", "").statusCode()).isEqualTo(200);

    assertThat(admin.call("k-read", "GET", "rooms/7", "").body())
        .contains("\"first_seq\":4,\"last_seq\":3");
    FrameTestClient late = admin.nodes.connect(admin.far(), alice, "");
    late.join(Join.newBuilder()
        .setRoomId(7)
        .setFrom(FrameTestClient.position(FrameTestClient.room(7), 0, 0)));
    admin.nodes.pushRoom(admin.near(), alice, 7, "m4", "");
    assertThat(late.push().getGap().getToSeq()).isEqualTo(3);
    assertThat(late.delivery().getSeq()).isEqualTo(4);
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void keys_are_bound_to_their_scopes_and_the_paths_to_their_methods(On store) throws Exception {
    admin.start(store);

    assertRefused(admin.call("nobody's", "GET", "node", ""), 401, "token_invalid");
    assertRefused(admin.call("k-pub", "GET", "node", ""), 403, "forbidden");
    assertRefused(admin.call("k-read", "POST", "users/1/disable", ""), 403, "forbidden");
    assertRefused(admin.call("k-read", "POST", "publish", "{}"), 403, "forbidden");
    assertRefused(admin.call("k-admin", "PATCH", "users/1", ""), 405, "method_not_allowed");
    assertRefused(admin.call("k-admin", "GET", "nothing", ""), 404, "not_found");
    assertRefused(admin.call("k-admin", "GET", "users/0", ""), 400, "invalid_argument");
    String service = admin.call("k-read", "GET", "users?name=billing", "").body();
    String serviceId = service.replaceFirst(".*\"user_id\":([0-9]+).*", "$1");
    assertThat(service).contains("\"kind\":\"service\"");
    assertRefused(
        admin.call("k-admin", "POST", "users/" + serviceId + "/disable", ""),
        400,
        "invalid_argument");
    assertRefused(
        admin.call("k-admin", "GET", "users/99999999999999999999", ""), 400, "invalid_argument");
    assertRefused(admin.call("k-admin", "POST", "users", "{\"username\":"), 400, "malformed_json");
    assertThat(admin.call("k-read", "GET", "node", "").body())
        .contains("\"version\":")
        .contains("\"network.port\":\"0\"")
        .doesNotContain("k-");
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void a_running_server_is_backed_up_and_the_copy_restores(On store) throws Exception {
    Path backups = directory.resolve("backups");
    admin.start(store, "--backup-dir=" + backups);
    User alice = admin.nodes.signIn(admin.near(), "alice");
    admin.nodes.pushRoom(admin.near(), alice, 7, "kept", "");

    String name = admin
        .call("k-admin", "POST", "backup", "")
        .body()
        .replaceFirst(".*\"backup\":\"([^\"]+)\".*", "$1");
    admin.nodes.pushRoom(admin.near(), alice, 7, "after the backup", "");
    admin.near().close();
    Path restored = directory.resolve("restored");
    int status = Main.run(
        new String[] {"restore", "--from=" + backups.resolve(name), "--data-dir=" + restored},
        Map.of());

    assertThat(status).isZero();
    Server again = admin.nodes.start("--data-dir=" + restored);
    User back = admin.nodes.logIn(again, "alice");
    assertThat(admin.nodes.text(
            again, "/push/history", "{\"room_id\":7,\"token\":\"" + back.token() + "\"}"))
        .contains("kept")
        .doesNotContain("after the backup");
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void keys_that_change_in_their_file_count_at_once_and_a_mistake_changes_nothing(On store)
      throws Exception {
    admin.start(store);
    Path file = directory.resolve("keys");
    replace(file, "root admin " + ApiKey.hash("k-new") + "\n");

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> admin.call("k-new", "GET", "node", "").statusCode() == 200);
    assertThat(admin.call("k-admin", "GET", "node", "").statusCode()).isEqualTo(401);
    replace(file, "root admin nonsense that is longer than before, so that it is seen\n");
    admin.nodes.signIn(admin.near(), "somebody");

    assertThat(admin.call("k-new", "GET", "node", "").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void a_terminal_can_do_the_same(On store) throws Exception {
    admin.start(store);
    User alice = admin.nodes.signIn(admin.near(), "alice");

    assertThat(admin.terminal("k-admin", "disable", Long.toString(alice.id())))
        .startsWith("0 {\"code\":200,\"user\":{\"user_id\":" + alice.id());
    assertThat(admin.terminal("k-read", "user", "alice")).contains("\"status\":\"disabled\"");
    assertThat(admin.terminal("k-read", "enable", Long.toString(alice.id())))
        .startsWith("1 {\"code\":400");
    assertThat(admin.terminal("k-pub", "publish", "room:7", "alice", "say \"hi\""))
        .contains("{\"to_user_name\":\"alice\",\"code\":200")
        .contains("{\"room_id\":7,\"code\":200");
    assertThat(admin.terminal("k-read", "nonsense")).startsWith("2 ");
  }

  @Test
  void a_path_that_is_none_is_refused_and_no_fault_of_the_server() throws Exception {
    admin.start(On.DIRECTORY);

    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), admin.near().port())) {
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

  /** At once: half a file would be read, too. */
  private static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
