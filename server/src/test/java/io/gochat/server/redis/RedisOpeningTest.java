package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.SetArgs;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What refuses the start, and in which words. */
@Timeout(60)
class RedisOpeningTest {
  private final RedisProcess redis = RedisProcess.start();

  @AfterEach
  void close() {
    redis.close();
  }

  @Test
  void redis_that_evicts_is_refused() {
    redis.ask(r -> r.configSet("maxmemory-policy", "allkeys-lru"));

    assertThatThrownBy(() -> open("a"))
        .isInstanceOf(RedisOpenException.class)
        .hasMessageContaining("allkeys-lru")
        .hasMessageContaining("noeviction");
  }

  @Test
  void unreachable_redis_is_named_without_its_password() throws Exception {
    String uri = "redis://user:secret@127.0.0.1:" + RedisProcess.freePort();

    assertThatThrownBy(() -> open(RedisOptions.of(uri)))
        .isInstanceOf(RedisOpenException.class)
        .hasMessageContaining("127.0.0.1")
        .hasMessageNotContaining("secret");
    assertThat(RedisOptions.of(uri).toString()).doesNotContain("secret");
  }

  @Test
  void what_is_no_redis_uri_is_refused() {
    assertThatThrownBy(() -> open(RedisOptions.of("redis://host:port/x")))
        .isInstanceOf(RedisOpenException.class);
  }

  @Test
  void second_node_of_the_same_name_is_refused() throws Exception {
    try (RedisStore first = open("a")) {
      try (RedisStore other = open("b")) {
        assertThat(other.isReady()).isTrue();
      }

      assertThatThrownBy(() -> open("a"))
          .isInstanceOf(RedisOpenException.class)
          .hasMessageContaining("--node-id");
      assertThat(first.isReady()).isTrue();
    }
    open("a").close();
  }

  @Test
  void data_of_a_later_version_refuse_the_start_and_stay_as_they_are() {
    redis.ask(r -> r.set("gochat:format", "3"));

    assertThatThrownBy(() -> open("a"))
        .isInstanceOf(RedisOpenException.class)
        .hasMessageContaining("format 3")
        .hasMessageContaining("format 2");
    List<String> keys = redis.ask(r -> r.keys("*"));
    assertThat(keys).containsExactly("gochat:format");
  }

  @Test
  void name_of_a_node_that_died_is_free_after_its_lease() throws Exception {
    redis.ask(r -> r.set("gochat:node:a", "somebody who is gone", SetArgs.Builder.px(2_000)));

    open("a").close();
  }

  @Test
  void node_that_lost_its_name_is_not_ready_and_takes_nothing_back() throws Exception {
    try (RedisStore store = open("a")) {
      redis.ask(r -> r.set("gochat:node:a", "another"));

      await().atMost(Duration.ofSeconds(30)).until(() -> !store.isReady());
    }
    String owner = redis.ask(r -> r.get("gochat:node:a"));
    assertThat(owner).isEqualTo("another");
  }

  @Test
  void settings_are_told_as_what_they_amount_to() {
    RedisSettings settings = redis.ask(RedisSettings::read);

    assertThat(settings.durability(0))
        .contains("appendfsync everysec")
        .contains("failover may lose");
    assertThat(settings.durability(2)).contains("2 replicas");
  }

  private RedisStore open(String nodeId) throws IOException {
    return open(RedisOptions.of(redis.uri()).withNodeId(nodeId));
  }

  private static RedisStore open(RedisOptions options) throws IOException {
    return RedisStore.open(options, InstantSource.system(), new SimpleMeterRegistry(), () -> {});
  }
}
