package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.GoAway;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.On;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a user does with the own account, from outside, on each store; on Redis with the sockets on another node. */
@Timeout(120)
class AccountLifeTest {
  @TempDir
  Path directory;

  private final Nodes nodes = new Nodes();
  private List<Server> servers = List.of();

  private void start(On store, String... flags) throws StartException {
    servers = nodes.start(store, directory, flags);
  }

  private Server near() {
    return servers.get(0);
  }

  private Server far() {
    return servers.get(servers.size() - 1);
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void a_changed_password_ends_every_other_login_and_its_sockets(On store) throws Exception {
    start(store);
    User here = nodes.signIn(near(), "alice");
    User there = nodes.logIn(far(), "alice");
    FrameTestClient kept = nodes.connect(near(), here, "laptop");
    FrameTestClient ended = nodes.connect(far(), there, "phone");

    Answer wrong =
        post("/user/changePassword", here, "\"old_password\":\"x\",\"new_password\":\"new\"");
    Answer changed = post(
        "/user/changePassword", here, "\"old_password\":\"pw-alice\",\"new_password\":\"new\"");

    assertThat(wrong.status()).isEqualTo(401);
    assertThat(wrong.errorCode()).isEqualTo("bad_credentials");
    assertThat(changed.status()).as("%s", changed).isEqualTo(200);
    assertThat(ended.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    kept.expectNothing();
    assertThat(post("/user/checkAuth", here, "").status()).isEqualTo(200);
    assertThat(post("/user/checkAuth", there, "").status()).isEqualTo(401);
    assertThat(login("alice", "pw-alice")).isEqualTo(401);
    await().atMost(Duration.ofSeconds(30)).until(() -> login("alice", "new") == 200);
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void logging_out_everywhere_ends_the_own_login_too(On store) throws Exception {
    start(store);
    User here = nodes.signIn(near(), "alice");
    User there = nodes.logIn(far(), "alice");
    FrameTestClient one = nodes.connect(near(), here, "laptop");
    FrameTestClient other = nodes.connect(far(), there, "phone");
    assertThat(nodes.text(near(), "/user/sessions", body(here, "")))
        .contains("\"current\":true")
        .contains("\"current\":false")
        .doesNotContain(here.token());

    assertThat(post("/user/logoutAll", here, "").status()).isEqualTo(200);

    assertThat(one.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(other.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(post("/user/checkAuth", here, "").status()).isEqualTo(401);
    assertThat(post("/user/checkAuth", there, "").errorCode()).isEqualTo("token_invalid");
    User again = nodes.logIn(near(), "alice");
    assertThat(nodes.text(near(), "/user/sessions", body(again, "")))
        .contains("\"current\":true")
        .doesNotContain("\"current\":false");
  }

  @ParameterizedTest
  @EnumSource(On.class)
  void a_deleted_user_is_gone_and_its_name_stays_taken(On store) throws Exception {
    start(store);
    User alice = nodes.signIn(near(), "alice");
    User bob = nodes.signIn(near(), "bob");
    FrameTestClient socket = nodes.connect(far(), alice, "phone");
    nodes.push(near(), alice, bob.id(), "remember me", "");

    Answer unconfirmed = post("/user/delete", alice, "\"password\":\"no\"");
    Answer deleted = post("/user/delete", alice, "\"password\":\"pw-alice\"");

    assertThat(unconfirmed.status()).isEqualTo(401);
    assertThat(deleted.status()).as("%s", deleted).isEqualTo(200);
    assertThat(socket.goodbye().getReason()).isEqualTo(GoAway.Reason.REVOKED);
    assertThat(login("alice", "pw-alice")).isEqualTo(401);
    assertThat(nodes.post(near(), "/user/register", credentials("ALICE", "x")).errorCode())
        .isEqualTo("name_taken");
    assertThat(nodes.push(near(), bob, alice.id(), "still there?", "").errorCode())
        .isEqualTo("recipient_unknown");
    assertThat(nodes.text(near(), "/push/history", body(bob, "\"inbox\":true")))
        .contains("remember me");
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void closed_registration_is_refused_clearly(On store) throws Exception {
    start(store, "--registration=closed");

    Answer refused = nodes.post(near(), "/user/register", credentials("alice", "x"));

    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.errorCode()).isEqualTo("forbidden");
  }

  private Answer post(String path, User user, String fields) {
    return nodes.post(near(), path, body(user, fields));
  }

  private int login(String name, String password) {
    return nodes.post(near(), "/user/login", credentials(name, password)).status();
  }

  private static String body(User user, String fields) {
    return "{\"token\":\"" + user.token() + "\"" + (fields.isEmpty() ? "" : "," + fields) + "}";
  }

  private static String credentials(String name, String password) {
    return "{\"username\":\"" + name + "\",\"password\":\"" + password + "\"}";
  }
}
