package io.gochat.server;

import static io.gochat.server.AdminNodes.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.server.Nodes.On;
import io.gochat.server.Nodes.User;
import io.gochat.server.webhook.ReceivingEndpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Webhooks by the admin API and from a terminal. */
@Timeout(120)
@SuppressWarnings("NullAway.Init")
class AdminWebhooksTest {
  @TempDir
  Path directory;

  @AutoClose
  private AdminNodes admin;

  @BeforeEach
  void open() {
    admin = new AdminNodes(directory);
  }

  @ParameterizedTest
  @EnumSource(value = On.class, names = "DIRECTORY")
  void what_a_webhook_did_not_take_is_listed_sent_again_and_deleted(On store) throws Exception {
    try (ReceivingEndpoint endpoint = ReceivingEndpoint.start()) {
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(400));
      Path hooks = Files.writeString(
          directory.resolve("hooks"), "[" + endpoint.asJson("crm", "message.published") + "]");
      admin.start(store, "--webhooks=" + hooks);
      User alice = admin.nodes.signIn(admin.near(), "alice");
      admin.nodes.pushRoom(admin.near(), alice, 7, "one", "");
      admin.nodes.pushRoom(admin.near(), alice, 8, "two", "");
      admin.nodes.pushRoom(admin.near(), alice, 9, "three", "");
      await()
          .untilAsserted(() -> assertThat(
                  admin.call("k-read", "GET", "webhooks/crm/dead", "").body())
              .contains("room:7", "room:8", "room:9"));
      String page = admin.call("k-read", "GET", "webhooks/crm/dead?limit=1", "").body();
      String id = page.replaceFirst(".*\"id\":\"([^\"]+)\".*", "$1");

      assertThat(admin.call("k-read", "GET", "webhooks", "").body())
          .contains("\"name\":\"crm\"", "\"state\":\"works\"", "\"dead_letters\":3")
          .doesNotContain("whsec");
      assertThat(page).contains("\"cursor\":\"" + id + "\"", "\"reason\":\"HTTP 400\"");
      assertRefused(admin.call("k-read", "POST", "webhooks/crm/dead/send", ""), 403, "forbidden");
      assertRefused(admin.call("k-admin", "GET", "webhooks/none/dead", ""), 404, "not_found");
      assertRefused(
          admin.call("k-admin", "POST", "webhooks/crm/dead/" + id + "/send", ""),
          503,
          "overloaded");
      assertThat(admin.call("k-admin", "POST", "webhooks/crm/dead/send", "").body())
          .contains("\"sent\":0,\"failure\":\"HTTP 400\"");
      assertThat(admin.call("k-admin", "DELETE", "webhooks/crm/dead/" + id, "").statusCode())
          .isEqualTo(200);
      assertRefused(
          admin.call("k-admin", "DELETE", "webhooks/crm/dead/" + id, ""), 404, "not_found");
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(200));
      assertThat(admin.call("k-admin", "POST", "webhooks/crm/dead/send", "").body())
          .contains("\"sent\":2,\"failure\":\"\"");
      assertThat(admin.call("k-read", "GET", "webhooks/crm/dead", "").body())
          .contains("\"dead_letters\":[]");
      assertThat(admin.call("k-admin", "POST", "webhooks/crm/enable", "").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void a_terminal_sees_to_webhooks() throws Exception {
    try (ReceivingEndpoint endpoint = ReceivingEndpoint.start()) {
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(400));
      Path hooks = Files.writeString(
          directory.resolve("hooks"), "[" + endpoint.asJson("crm", "message.published") + "]");
      admin.start(On.DIRECTORY, "--webhooks=" + hooks);
      User alice = admin.nodes.signIn(admin.near(), "alice");
      for (int room = 7; room <= 9; room++) {
        admin.nodes.pushRoom(admin.near(), alice, room, "m" + room, "");
      }
      await()
          .untilAsserted(() -> assertThat(admin.terminal("k-read", "webhooks", "dead", "crm"))
              .startsWith("0 ")
              .contains("room:7", "room:8", "room:9"));
      String id = admin
          .terminal("k-read", "webhooks", "dead", "crm")
          .replaceFirst("(?s).*?\"id\":\"([^\"]+)\".*", "$1");

      assertThat(admin.terminal("k-read", "webhooks"))
          .startsWith("0 ")
          .contains("\"name\":\"crm\"", "\"dead_letters\":3");
      assertThat(admin.terminal("k-admin", "webhooks", "send", "crm", id))
          .startsWith("1 ")
          .contains("HTTP 400");
      assertThat(admin.terminal("k-read", "webhooks", "send", "crm")).startsWith("1 ");
      assertThat(admin.terminal("k-admin", "webhooks", "drop", "crm", id)).startsWith("0 ");
      assertThat(admin.terminal("k-admin", "webhooks", "drop", "crm", id)).startsWith("1 ");
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(200));
      assertThat(admin.terminal("k-admin", "webhooks", "send", "crm"))
          .startsWith("0 ")
          .contains("\"sent\":2");

      endpoint.behave(request -> ReceivingEndpoint.Answer.status(410));
      admin.nodes.pushRoom(admin.near(), alice, 7, "the last one", "");
      await().until(() -> admin.terminal("k-read", "webhooks").contains("\"state\":\"ended\""));
      endpoint.behave(request -> ReceivingEndpoint.Answer.status(200));
      assertThat(admin.terminal("k-admin", "webhooks", "enable", "crm")).startsWith("0 ");
      await().until(() -> admin.terminal("k-read", "webhooks").contains("\"state\":\"works\""));
      admin.nodes.pushRoom(admin.near(), alice, 7, "after all", "");
      await().until(() -> endpoint.messages().contains("after all"));

      assertThat(admin.terminal("k-admin", "webhooks", "send", "nobody")).startsWith("1 ");
      assertThat(admin.terminal("k-admin", "webhooks", "nonsense", "crm")).startsWith("2 ");
    }
  }

  @Test
  void a_file_of_webhooks_with_a_mistake_refuses_the_start_with_a_sentence() throws Exception {
    Path hooks = Files.writeString(directory.resolve("hooks"), "[{\"name\":\"crm\"}]");

    assertThatThrownBy(() -> admin.start(On.DIRECTORY, "--webhooks=" + hooks))
        .isInstanceOf(StartException.class)
        .hasMessage("--webhooks=" + hooks + ": endpoint 1 (crm): url: is missing.");
  }
}
