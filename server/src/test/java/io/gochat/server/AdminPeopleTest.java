package io.gochat.server;

import static io.gochat.server.AdminNodes.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.spi.ILoggingEvent;
import io.gochat.protocol.GoAway;
import io.gochat.server.Nodes.On;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Users, their sessions and their connections by the admin API, on each store; on Redis the sockets are on the other node. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class AdminPeopleTest {
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
  void a_disabled_user_is_out_on_every_node_until_it_is_enabled(On store) throws Exception {
    admin.start(store);
    User alice = admin.nodes.signIn(admin.near(), "alice");
    FrameTestClient socket = admin.nodes.connect(admin.far(), alice, "phone");

    HttpResponse<String> disabled =
        admin.call("k-admin", "POST", "users/" + alice.id() + "/disable", "");

    assertThat(disabled.body()).contains("\"status\":\"disabled\"");
    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    String login = "{\"username\":\"alice\",\"password\":\"pw-alice\"}";
    assertThat(admin.nodes.post(admin.far(), "/user/login", login).errorCode())
        .isEqualTo("forbidden");
    assertThat(admin.call("k-read", "GET", "users?name=Alice", "").body())
        .contains("\"user_id\":" + alice.id())
        .contains("\"status\":\"disabled\"");

    assertThat(admin
            .call("k-admin", "POST", "users/" + alice.id() + "/enable", "{}")
            .statusCode())
        .isEqualTo(200);

    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> admin.nodes.post(admin.far(), "/user/login", login).status() == 200);
    assertThat(admin
            .nodes
            .post(admin.near(), "/user/checkAuth", "{\"token\":\"" + alice.token() + "\"}")
            .status())
        .as("the session of before stays dead")
        .isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void users_are_made_given_passwords_signed_out_and_deleted(On store) throws Exception {
    admin.start(store);

    HttpResponse<String> made =
        admin.call("k-admin", "POST", "users", "{\"username\":\"Carol\",\"password\":\"first\"}");
    String id = made.body().replaceFirst(".*\"user_id\":([0-9]+).*", "$1");
    assertRefused(
        admin.call("k-admin", "POST", "users", "{\"username\":\"CAROL\"}"), 400, "name_taken");
    String token = admin
        .nodes
        .post(admin.near(), "/user/login", "{\"username\":\"carol\",\"password\":\"first\"}")
        .fields()
        .getOrDefault("token", "");

    assertThat(
            admin.call("k-read", "GET", "users/" + id + "/sessions?limit=1", "").body())
        .contains("\"session_id\":\"")
        .doesNotContain(token);
    assertThat(admin
            .call("k-admin", "POST", "users/" + id + "/password", "{\"password\":\"second\"}")
            .statusCode())
        .isEqualTo(200);
    assertThat(admin
            .nodes
            .post(admin.near(), "/user/checkAuth", "{\"token\":\"" + token + "\"}")
            .status())
        .isEqualTo(401);
    User carol = new User(
        Long.parseLong(id),
        admin
            .nodes
            .post(admin.near(), "/user/login", "{\"username\":\"carol\",\"password\":\"second\"}")
            .fields()
            .getOrDefault("token", ""));
    FrameTestClient socket = admin.nodes.connect(admin.far(), carol, "");

    assertThat(admin.call("k-admin", "DELETE", "users/" + id + "/sessions", "").statusCode())
        .isEqualTo(200);
    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(admin.call("k-admin", "DELETE", "users/" + id, "").statusCode()).isEqualTo(200);
    assertRefused(admin.call("k-read", "GET", "users/" + id, ""), 404, "recipient_unknown");
    assertRefused(
        admin.call("k-admin", "POST", "users", "{\"username\":\"carol\"}"), 400, "name_taken");

    assertThat(admin.audit.list)
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
  @EnumSource(value = On.class, names = "DIRECTORY")
  void connections_are_listed_in_pages_and_closed(On store) throws Exception {
    admin.start(store);
    User alice = admin.nodes.signIn(admin.near(), "alice");
    FrameTestClient first = admin.nodes.connect(admin.near(), alice, "phone");
    admin.nodes.connect(admin.near(), alice, "laptop");
    admin.nodes.connect(admin.near(), admin.nodes.signIn(admin.near(), "bob"), "tablet");

    String page = admin.call("k-read", "GET", "connections?limit=2", "").body();
    String cursor = page.replaceFirst(".*\"cursor\":\"([^\"]+)\".*", "$1");
    String rest =
        admin.call("k-read", "GET", "connections?limit=2&cursor=" + cursor, "").body();

    assertThat(page.split("connection_id", -1)).hasSize(3);
    assertThat(rest.split("connection_id", -1)).hasSize(2);
    assertThat(rest).doesNotContain("cursor");
    String ofAlice =
        admin.call("k-read", "GET", "connections?user_id=" + alice.id(), "").body();
    String phone = ofAlice.replaceFirst(
        ".*\"connection_id\":\"([^\"]+)\"[^}]*\"device_id\":\"phone\".*", "$1");
    assertThat(admin.call("k-admin", "DELETE", "connections/" + phone, "").statusCode())
        .isEqualTo(200);
    assertThat(first.goodbye().getFinal()).isFalse();
    assertRefused(admin.call("k-admin", "DELETE", "connections/nobody", ""), 404, "not_found");
  }
}
