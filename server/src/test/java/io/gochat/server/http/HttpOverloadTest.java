package io.gochat.server.http;

import static io.gochat.server.http.HttpAnswers.OK;
import static io.gochat.server.http.HttpAnswers.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.ShippedServer;
import io.gochat.server.account.AccountOptions;
import io.gochat.server.http.RawHttp.Response;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rows of the status table that need a node in trouble, and the endpoints of operations. */
class HttpOverloadTest {

  @TempDir
  Path directory;

  @Test
  void too_many_failed_logins_are_refused_for_a_while() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, "--login-failures-per-minute=3")) {
      node.register("alice");
      String wrong = "{\"username\":\"alice\",\"password\":\"wrong\"}";
      for (int i = 0; i < 3; i++) {
        assertThat(node.post("/user/login", wrong).status()).isEqualTo(401);
      }

      Response refused = node.post("/user/login", HttpFixture.credentials("alice"));

      assertFailure(refused, 429, "too_many", "请求过于频繁，请稍后重试: too many failed logins");
      assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
      node.advance(Duration.ofSeconds(Integer.parseInt(refused.header("Retry-After"))));
      assertThat(node.post("/user/login", HttpFixture.credentials("alice")).status())
          .isEqualTo(200);
    }
  }

  @Test
  void limits_count_whom_a_trusted_proxy_names_and_nobody_else() throws Exception {
    try (HttpFixture node = new HttpFixture(
        directory, "--registrations-per-minute=1", "--trusted-proxies=127.0.0.0/8,::1/128")) {
      String forOne = "X-Forwarded-For: 203.0.113.1";
      String forOther = "X-Forwarded-For: 203.0.113.2";

      assertThat(
              node.post("/user/register", HttpFixture.credentials("a"), forOne).status())
          .isEqualTo(200);
      assertThat(
              node.post("/user/register", HttpFixture.credentials("b"), forOne).status())
          .isEqualTo(429);
      assertThat(node.post("/user/register", HttpFixture.credentials("c"), forOther)
              .status())
          .isEqualTo(200);
    }
  }

  @Test
  void more_logins_than_can_wait_are_refused_and_the_others_served() throws Exception {
    ShippedServer.Setup oneWaits = new ShippedServer.Setup()
        .accountOptions(usual -> new AccountOptions(10, 1, 1, 0, 0, 0, 0, 0, true, 100));
    try (HttpFixture node = new HttpFixture(directory, oneWaits)) {
      List<RawHttp> connections = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        RawHttp http = node.connect();
        connections.add(http);
        http.send(RawHttp.request("POST", "/user/register", HttpFixture.credentials("user" + i)));
      }

      int served = 0;
      for (RawHttp http : connections) {
        Response response = http.read();
        if (response.status() == 200) {
          served++;
        } else {
          assertFailure(response, 503, "overloaded", "服务器繁忙，请稍后重试: too many logins");
          assertThat(Integer.parseInt(response.header("Retry-After"))).isPositive();
        }
        http.close();
      }
      assertThat(served).isBetween(1, 11);
    }
  }

  @Test
  void a_store_that_is_gone_is_said_to_be_unavailable() throws Exception {
    try (HttpFixture node = new HttpFixture(directory)) {
      node.register("alice");
      String token = node.login("alice");
      String body = "{\"token\":\"" + token + "\",\"msg\":\"x\",\"room_id\":1}";
      assertThat(node.post("/push/pushRoom", body).body()).isEqualTo(OK);

      node.closeStore();

      for (String path : List.of("/push/pushRoom", "/push/history", "/user/logout")) {
        Response response = node.post(path, body);
        assertThat(response.status()).as(path).isEqualTo(503);
        assertThat(response.header("X-Error-Code")).isEqualTo("store_unavailable");
        assertThat(response.header("Retry-After")).isEqualTo("1");
        assertThat(response.body()).startsWith("{\"code\":400,\"error\":\"存储暂不可用，请稍后重试");
      }
      assertThat(node.post("/user/login", HttpFixture.credentials("alice")).status())
          .isEqualTo(503);
    }
  }

  @Test
  void a_bug_of_ours_is_an_internal_error_that_tells_nothing() throws Exception {
    ShippedServer.Setup broken = new ShippedServer.Setup().readiness(() -> {
      throw new IllegalStateException("a secret of ours");
    });
    try (HttpFixture node = new HttpFixture(directory, broken);
        RawHttp http = node.connect()) {
      assertFailure(http.get("/readyz"), 500, "internal", "服务器内部错误");
      assertThat(http.get("/healthz").body()).isEqualTo(OK); // the connection goes on
    }
  }

  @Test
  void readiness_follows_the_node() throws Exception {
    AtomicBoolean ready = new AtomicBoolean(false);
    try (HttpFixture node =
            new HttpFixture(directory, new ShippedServer.Setup().readiness(ready::get));
        RawHttp http = node.connect()) {
      Response notYet = http.get("/readyz");
      ready.set(true);
      Response now = http.get("/readyz");

      assertFailure(notYet, 503, "not_ready", "服务未就绪");
      assertThat(notYet.header("Retry-After")).isEqualTo("1");
      assertThat(now.body()).isEqualTo(OK);
    }
  }

  @Test
  void metrics_are_for_loopback_without_any_origin() throws Exception {
    try (HttpFixture node = new HttpFixture(directory);
        RawHttp http = node.connect()) {
      http.get("/healthz");

      Response metrics = http.get("/metrics");
      Response options = http.call("OPTIONS", "/metrics", "");

      assertThat(metrics.status()).isEqualTo(200);
      assertThat(metrics.header("Content-Type"))
          .isEqualTo("text/plain; version=0.0.4; charset=utf-8");
      assertThat(metrics.has("Access-Control-Allow-Origin")).isFalse();
      assertThat(metrics.body())
          .contains("gochat_http_requests_total{endpoint=\"health\",status=\"200\"} 1.0");
      assertThat(options.status()).isEqualTo(200);
      assertThat(options.has("Access-Control-Allow-Origin")).isFalse();
      assertThat(options.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
    }
  }

  @Test
  void metrics_through_a_proxy_need_their_token() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, "--metrics-token=s3cret");
        RawHttp http = node.connect()) {
      String forwarded = "X-Forwarded-For: 127.0.0.1";

      Response without = http.get("/metrics", forwarded);
      Response wrong = http.get("/metrics", forwarded, "Authorization: Bearer other");
      Response right = http.get("/metrics", forwarded, "Authorization: Bearer s3cret");

      for (Response refused : List.of(without, wrong)) {
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.header("X-Error-Code")).isEqualTo("token_invalid");
        assertThat(refused.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(refused.has("Access-Control-Allow-Origin")).isFalse();
      }
      assertThat(right.status()).isEqualTo(200);
      assertThat(http.get("/metrics").status()).isEqualTo(401); // from loopback itself, too
    }
  }

  @Test
  void draining_ends_each_connection_after_its_answer_and_idle_ones_at_once() throws Exception {
    try (HttpFixture node = new HttpFixture(directory, "--bcrypt-cost=12");
        RawHttp idle = node.connect();
        RawHttp busy = node.connect()) {
      assertThat(idle.get("/healthz").status()).isEqualTo(200);
      busy.send(RawHttp.request("POST", "/user/register", HttpFixture.credentials("alice")));
      node.awaitInFlight(1);

      node.drain();

      Response last = busy.read();
      assertThat(last.body()).isEqualTo(OK);
      assertThat(last.header("Connection")).isEqualTo("close");
      assertThat(busy.readToEnd()).isEmpty();
      assertThat(idle.readToEnd()).isEmpty();
    }
  }
}
