package io.gochat.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.ShippedServer;
import io.gochat.server.config.MemoryPlan;
import io.gochat.server.http.RawHttp.Response;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Crowds that do not read, or do not finish what they began, against a node with small budgets. */
class HttpBudgetTest {
  private static final long KB = 1_024;

  @TempDir
  Path directory;

  private final ShippedServer.Setup setup = new ShippedServer.Setup();
  private final List<RawHttp> crowd = new ArrayList<>();

  HttpBudgetTest() {
    answers(1_600, 240);
  }

  /** Of {@code kb} for answers, the largest of which needs so many. */
  private void answers(int kb, int largestKb) {
    setup.memory(usual -> new MemoryPlan(
        kb * KB,
        512 * KB,
        128 * KB,
        usual.fanOutBytesPerLoop(),
        usual.handOverBytesPerLoop(),
        usual.writeQueueBytes(),
        usual.storeBytes(),
        largestKb * KB,
        HttpFixture.MAX_BODY_BYTES,
        usual.connections(),
        usual.cached()));
  }

  @AfterEach
  void leave() {
    crowd.forEach(RawHttp::close);
  }

  /** The crowd goes, and the node has noticed: nothing is held for it any more. */
  private void leave(HttpFixture node) {
    leave();
    await().until(() -> {
      node.advance(Duration.ofSeconds(2)); // for those that linger
      return node.connections() == 0
          && node.budgets.in().used() == 0
          && node.budgets.out().used() == 0;
    });
  }

  @Test
  void bodies_that_do_not_end_are_bounded_and_who_began_may_finish() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      node.register("alice");
      String body = HttpFixture.credentials("alice");
      String padded = body + " ".repeat(HttpFixture.MAX_BODY_BYTES - body.length());
      String request = RawHttp.request("POST", "/user/login", padded);
      String allButOne = request.substring(0, request.length() - 1);

      for (int i = 0; i < 100; i++) {
        crowd.add(node.connect().send(allButOne));
      }

      // An address has a half: four of sixteen KB.
      await().until(() -> refused(node, "in", "address") == 96);
      // Counted before it is written.
      await().until(() -> crowd.stream().filter(RawHttp::hasInput).count() == 96);
      List<RawHttp> begun = new ArrayList<>(crowd);
      for (RawHttp each : crowd) {
        if (each.hasInput()) {
          assertOverloaded(each.read());
          assertThat(each.readToEnd()).isEmpty();
          begun.remove(each);
        }
      }
      assertThat(node.login("alice")).as("a small request needs no room").hasSize(43);

      for (RawHttp each : begun) {
        assertThat(each.send(" ").read().status()).isEqualTo(200);
      }
      leave(node);
    }
  }

  @Test
  void a_body_without_a_length_takes_room_as_it_comes() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      String head = "POST /user/login HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
      String chunk = "1000\r\n" + " ".repeat(4_096) + "\r\n";

      for (int i = 0; i < 40; i++) {
        crowd.add(node.connect().send(head + chunk.repeat(2)));
      }

      await().until(() -> refused(node, "in", "address") == 32); // eight of eight KB fit
      for (RawHttp each : crowd) {
        if (each.hasInput()) {
          assertOverloaded(each.read());
        }
      }
      leave(node);
    }
  }

  @Test
  void heads_that_come_in_pieces_are_bounded() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      String head = "POST /user/login HTTP/1.1\r\nHost: t\r\n" + "X: y\r\n".repeat(95);
      for (int i = 0; i < 30; i++) {
        crowd.add(node.connect().send(head + "Y: " + "z".repeat(1_000)));
      }

      await().until(() -> refused(node, "in", "address") == 26); // four of sixteen KB fit
      leave(node);
    }
  }

  @Test
  void a_body_that_came_is_no_part_of_the_next_head() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      RawHttp http = node.connect();
      String body = "{\"username\":\"nobody\",\"password\":\"none\"}" + " ".repeat(3_000);
      http.send("POST /user/login HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: "
          + body.length() + "\r\n\r\n");
      assertThat(http.read().status()).isEqualTo(100);
      assertThat(http.send(body).read().status()).isEqualTo(401);
      String head = "POST /user/login HTTP/1.1\r\nHost: t\r\n" + "X: y\r\n".repeat(95);
      for (int i = 0; i < 30; i++) {
        crowd.add(node.connect().send(head + "Y: " + "z".repeat(1_000)));
      }
      await().until(() -> refused(node, "in", "address") == 26);

      http.send("GET /livez HTTP/1.1\r\nHo");
      assertThat(node.connect().get("/livez").status()).isEqualTo(200);

      assertThat(http.send("st: t\r\n\r\n").read().status()).isEqualTo(200);
      http.close();
      leave(node);
    }
  }

  @Test
  void answers_that_nobody_reads_are_bounded_and_the_others_are_served() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      String token = room(node, "alice");
      String history = history(token);

      for (int i = 0; i < 200; i++) {
        crowd.add(node.connectNarrow().send(history));
      }

      await().until(() -> refused(node, "out", "user") > 0);
      node.awaitInFlight(0);
      assertThat(node.budgets.out().used())
          .isLessThanOrEqualTo(node.budgets.out().limit());
      node.register("bob");
      String other = node.login("bob");
      assertThat(node.post("/push/pushRoom", push(other, "hello")).status()).isEqualTo(200);
      assertThat(
              node.post("/push/history", "{\"token\":\"" + other + "\",\"room_id\":1,\"limit\":1}")
                  .status())
          .as("another user's read, from the same address")
          .isEqualTo(200);

      int served = 0;
      for (RawHttp each : crowd) {
        Response response = each.read();
        if (response.status() == 200) {
          assertThat(response.body()).contains("\"last_seq\":18");
          served++;
        } else {
          assertOverloaded(response);
        }
      }
      assertThat(served).isBetween(1, 199);
      leave(node);
    }
  }

  @Test
  void files_of_the_page_are_bounded_too() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      for (int i = 0; i < 120; i++) {
        crowd.add(node.connectNarrow()
            .send(RawHttp.request("GET", "/client/client.js", "").repeat(40)));
      }

      await().until(() -> refused(node, "out", "address") > 0);
      assertThat(node.budgets.out().used())
          .isLessThanOrEqualTo(node.budgets.out().limit() / 2);
      node.register("alice");
      assertThat(node.login("alice")).hasSize(43);

      leave(node);
    }
  }

  @Test
  void while_room_is_scarce_who_takes_nothing_for_five_seconds_loses_his_answer() throws Exception {
    answers(480, 440);
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      String token = room(node, "alice");
      double before = node.counted("gochat.refused", "reason", "answer_not_read");
      crowd.add(node.connectNarrow().send(history(token)));
      crowd.add(node.connectNarrow().send(history(token)));
      await().until(() -> node.budgets.out().isHalfUsed());

      await().until(() -> {
        node.advance(Duration.ofSeconds(2));
        return node.counted("gochat.refused", "reason", "answer_not_read") > before;
      });

      assertThat(node.budgets.out().isHalfUsed()).isFalse();
      leave(node);
    }
  }

  @Test
  void an_answer_that_does_not_come_is_said_to_be_of_unknown_outcome() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    setup.meters(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT) {
      @Override
      public String scrape() {
        try {
          stuck.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        return "late";
      }
    });
    try (HttpFixture node = new HttpFixture(directory, setup);
        RawHttp http = node.connect()) {
      http.send(RawHttp.request("GET", "/metrics", ""));
      node.awaitInFlight(1);

      node.advance(Duration.ofSeconds(31));

      Response response = http.read();
      assertThat(response.status()).isEqualTo(503);
      assertThat(response.header("X-Error-Code")).isEqualTo("store_unavailable");
      assertThat(http.readToEnd()).isEmpty();
      stuck.countDown();
      node.awaitInFlight(0);
      leave(node);
    }
  }

  @Test
  void an_answer_that_cannot_be_written_costs_its_connection_and_no_other() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      node.register("alice");
      String token = node.login("alice");
      RawHttp http = node.connect();
      crowd.add(http);

      node.breakDate(true);
      http.send(RawHttp.request("POST", "/push/pushRoom", push(token, "x")));

      assertThat(http.readToEnd()).isEmpty();
      node.breakDate(false);
      assertThat(node.post("/push/pushRoom", push(token, "y")).status()).isEqualTo(200);
      leave(node);
    }
  }

  @Test
  void what_the_head_decides_is_answered_without_the_body() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      String rest = " HTTP/1.1\r\nHost: t\r\nContent-Length: 9000\r\n";
      String begun = "\r\n{\"msg\":\"";

      assertClosedWith(404, node.connect().send("POST /no/where" + rest + begun));
      assertClosedWith(405, node.connect().send("DELETE /push/push" + rest + begun));
      assertClosedWith(
          404, node.connect().send("POST /no/where" + rest + "Expect: 100-continue\r\n\r\n"));
      assertClosedWith(
          401,
          node.connect().send("POST /push/push" + rest + "Authorization: Bearer none\r\n" + begun));
      assertThat(node.budgets.in().used()).isZero();
      leave(node);
    }
  }

  @Test
  void health_is_told_when_all_connections_are_open_and_nothing_else() throws Exception {
    setup.flags("--max-connections=16"); // two of them are kept
    try (HttpFixture node = new HttpFixture(directory, setup)) {
      for (int i = 0; i < 40; i++) {
        crowd.add(node.connect());
      }
      await().until(() -> node.counted("gochat.connections.refused", "reason", "limit") == 40 - 16);

      try (RawHttp health = node.connect();
          RawHttp other = node.connect()) {
        assertThat(health.get("/healthz").body()).isEqualTo("{\"code\":200}");
        assertThat(health.readToEnd()).as("it makes room for the next look").isEmpty();
        assertOverloaded(other.post("/user/checkAuth", "{\"token\":\"x\"}"));
      }

      leave(node);
    }
  }

  private void assertClosedWith(int status, RawHttp http) {
    crowd.add(http);
    assertThat(http.read().status()).isEqualTo(status);
    assertThat(http.readToEnd()).isEmpty();
  }

  /** A room whose history takes 220 KB as JSON: each byte of a text becomes six. */
  private static String room(HttpFixture node, String user) {
    node.register(user);
    String token = node.login(user);
    String text = "\\u0001".repeat(2_000);
    for (int i = 0; i < 18; i++) {
      assertThat(node.post("/push/pushRoom", push(token, text)).status()).isEqualTo(200);
    }
    return token;
  }

  private static String push(String token, String text) {
    return "{\"token\":\"" + token + "\",\"room_id\":1,\"msg\":\"" + text + "\"}";
  }

  private static String history(String token) {
    return RawHttp.request(
        "POST", "/push/history", "{\"token\":\"" + token + "\",\"room_id\":1,\"limit\":18}");
  }

  private static void assertOverloaded(Response response) {
    assertThat(response.status()).isEqualTo(503);
    assertThat(response.header("X-Error-Code")).isEqualTo("overloaded");
    assertThat(response.header("Retry-After")).isEqualTo("1");
    assertThat(response.body()).startsWith("{\"code\":400,\"error\":");
  }

  private static double refused(HttpFixture node, String budget, String reason) {
    return node.counted("gochat.budget.refused", "budget", budget, "reason", reason);
  }
}
