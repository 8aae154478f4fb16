package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code append.lua} as it is, in a real Redis, but for the clock, which the test moves. */
@Timeout(60)
class AppendScriptTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration AGE = Duration.ofDays(2);
  private static final String SCRIPT = source();

  private Instant now = Instant.parse("2026-01-01T00:10:00Z");
  private Duration window = HOUR;
  private Duration nodeIsAhead = Duration.ZERO;
  private long keep = 10_000;

  @BeforeEach
  void empty() {
    SharedRedis.process().ask(redis -> redis.flushall());
  }

  @Test
  void client_message_id_is_known_for_its_window_and_forgotten_after_twice_that() {
    assertThat(publish("key")).isEqualTo("n1:1");

    now = now.plus(HOUR.minusMillis(1));
    assertThat(publish("key")).isEqualTo("d1:1");
    now = now.plus(HOUR.plusMillis(1));

    assertThat(publish("key")).isEqualTo("n2:3");
    assertThat(publish("key")).isEqualTo("d2:3");
  }

  @Test
  void key_written_just_before_a_window_ends_is_known_just_after() {
    now = Instant.parse("2026-01-01T00:59:59.999Z");
    publish("key");

    now = now.plusMillis(2);
    publish("other key");

    assertThat(publish("key")).startsWith("d");
    now = now.plus(HOUR.minusMillis(3));
    assertThat(publish("key")).startsWith("d");
  }

  @ParameterizedTest
  @CsvSource({"24, 12", "24, 1", "1, 24", "12, 24", "1, 2", "7, 5"})
  void changed_window_forgets_nothing_that_was_promised(long hoursBefore, long hoursAfter) {
    Duration before = Duration.ofHours(hoursBefore);
    Duration after = Duration.ofHours(hoursAfter);
    Duration least = before.compareTo(after) < 0 ? before : after;
    for (int minutes = 0; minutes < 26 * 60; minutes += 97) {
      empty();
      now = Instant.parse("2026-01-01T00:00:00Z").plus(Duration.ofMinutes(minutes));
      window = before;
      publish("first");
      now = now.plusSeconds(60);
      publish("key");

      window = after;
      now = now.plusSeconds(60);
      publish("another");
      assertThat(publish("key")).startsWith("d");
      now = now.plus(least).minusSeconds(61);

      publish("last");
      assertThat(publish("key")).as("after %s minutes", minutes).startsWith("d");
    }
  }

  @ParameterizedTest
  @CsvSource({"24, 12", "1, 24", "12, 1"})
  void changed_window_still_forgets_in_the_end(long hoursBefore, long hoursAfter) {
    window = Duration.ofHours(hoursBefore);
    publish("key");

    window = Duration.ofHours(hoursAfter);
    for (int i = 0; i < 8; i++) {
      publish("other" + i);
      now = now.plus(Duration.ofHours(Math.max(hoursBefore, hoursAfter)));
    }

    assertThat(publish("key")).startsWith("n");
  }

  @Test
  void what_the_version_before_remembered_is_remembered() {
    long index = now.toEpochMilli() / HOUR.toMillis();
    SharedRedis.process().ask(r -> {
      r.hset("{r:7}:s", "last", "5");
      r.hset("{r:7}:s", "window", Long.toString(index));
      return r.hset("{r:7}:d" + index % 2, "key", "h:4:77");
    });

    assertThat(publish("key")).isEqualTo("d4:77");
    assertThat(publish("new")).isEqualTo("n6:2");
  }

  @Test
  void messages_beyond_the_retention_age_go_when_the_next_one_comes() {
    for (int i = 0; i < 50; i++) {
      publish("");
    }
    now = now.plus(AGE.dividedBy(2));
    publish("");
    assertThat(stored()).hasSize(51);

    now = now.plus(AGE.dividedBy(2).plusMillis(1));
    publish("");

    assertThat(stored()).hasSize(2);
  }

  @Test
  void more_than_a_batch_of_expired_messages_goes_in_steps() {
    for (int i = 0; i < 500; i++) {
      publish("");
    }
    now = now.plus(AGE.plusMillis(1));

    for (int i = 0; i < 4; i++) {
      publish("");
    }

    assertThat(stored()).hasSize(4);
  }

  @Test
  void nothing_goes_for_its_age_unless_it_is_old_by_both_clocks() {
    publish("");
    nodeIsAhead = Duration.ofDays(40);
    publish("");
    assertThat(stored()).as("the node's clock is ahead").hasSize(2);

    now = now.plus(Duration.ofDays(40));
    nodeIsAhead = Duration.ofDays(-40);
    publish("");

    assertThat(stored()).as("the clock of Redis is ahead").hasSize(3);
  }

  @Test
  void stamps_never_go_back_and_retention_by_age_survives_a_clock_that_did() {
    publish("");
    now = now.plus(Duration.ofDays(30));
    publish("");
    now = now.minus(Duration.ofDays(30));
    publish("");
    now = now.plus(Duration.ofDays(33));
    publish("");

    List<Long> stamps = stored().stream()
        .map(id -> Long.parseLong(id.substring(id.indexOf('-') + 1)))
        .toList();
    assertThat(stamps).isSorted().hasSize(1);
  }

  @Test
  void count_bounds_a_topic_and_one_call_serves_many() {
    keep = 3;
    for (int i = 0; i < 5; i++) {
      publish("");
    }

    List<String> answers = call(List.of("{r:7}", "{r:7}x"), "");

    assertThat(answers).containsExactly("n6:6", "n1:7");
    assertThat(stored()).hasSize(3).last().asString().startsWith("6-");
  }

  @Test
  void call_that_comes_again_appends_nothing_and_is_answered_as_before() {
    List<String> first = call(List.of("{r:7}", "{r:8}"), "key");
    long used = ids;
    publish("");

    ids = used - 2;
    List<String> again = call(List.of("{r:7}", "{r:8}"), "key");

    assertThat(again).isEqualTo(first).containsExactly("n1:1", "n1:2");
    assertThat(stored()).hasSize(2);
    ids = used;
    assertThat(call(List.of("{r:7}"), "")).as("the one in between, again").containsExactly("n2:3");
    assertThat(stored()).hasSize(2);
    ids = used + 1;
    assertThat(publish("key")).isEqualTo("d1:1");
  }

  private long ids;

  private String publish(String key) {
    return call(List.of("{r:7}"), key).get(0);
  }

  private List<String> call(List<String> topics, String key) {
    List<String> keys = new ArrayList<>();
    List<String> arguments = new ArrayList<>(List.of(
        Long.toString(now.plus(nodeIsAhead).toEpochMilli()),
        Long.toString(window.toMillis()),
        Long.toString(keep),
        Long.toString(AGE.toMillis()),
        "PUBLISH",
        "1000",
        "0"));
    for (String topic : topics) {
      for (String part : List.of(":m", ":s", ":d0", ":d1", ":n0")) {
        keys.add(topic + part);
      }
      arguments.addAll(List.of("1", key, "h", Long.toString(++ids), "bytes"));
    }
    List<String> answer = SharedRedis.process().ask(redis -> {
      redis.set("test:now", Long.toString(now.toEpochMilli()));
      return redis.eval(
          SCRIPT,
          ScriptOutputType.MULTI,
          keys.toArray(String[]::new),
          arguments.toArray(String[]::new));
    });
    return answer.subList(1, answer.size());
  }

  private static List<String> stored() {
    return SharedRedis.process()
        .ask(redis -> redis.xrange("{r:7}:m", Range.<String>unbounded()).stream()
            .map(entry -> entry.getId())
            .toList());
  }

  private static String source() {
    try (InputStream in = Script.class.getResourceAsStream("append.lua")) {
      String real = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      String moved = real.replace("local time = call('TIME')", """
          local t = tonumber(call('GET', 'test:now'))
          local time = {math.floor(t / 1000), t % 1000 * 1000}""");
      assertThat(moved).isNotEqualTo(real);
      return moved;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
