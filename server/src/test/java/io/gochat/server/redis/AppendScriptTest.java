package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Range;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.XAddArgs;
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
  private static final Duration WEEK = Duration.ofDays(7);
  private static final String EPOCH = "77";
  private static final List<String> PARTS =
      List.of(":m", ":s", ":d0", ":d1", ":n0", ":p", ":pi", ":n");
  private static final String SCRIPT = source();

  private Instant now = Instant.parse("2026-01-01T00:10:00Z");
  private Duration window = HOUR;
  private Duration nodeIsAhead = Duration.ZERO;
  private Duration age = AGE;
  private long keep = 10_000;
  private long perSender;

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

  @Test
  void unread_messages_go_by_their_count_after_a_week_by_both_clocks() {
    keep = 3;
    call(List.of("{i:7}"), 5, "");
    now = now.plus(Duration.ofDays(6));
    age = Duration.ofDays(30);
    call(List.of("{i:7}"), 5, "");
    assertThat(stored("{i:7}")).hasSize(10);

    now = now.plus(Duration.ofDays(2));
    nodeIsAhead = Duration.ofDays(-8);
    call(List.of("{i:7}"), "");
    assertThat(stored("{i:7}")).hasSize(11);
    nodeIsAhead = Duration.ZERO;
    call(List.of("{i:7}"), "");

    assertThat(stored("{i:7}")).hasSize(7).first().asString().startsWith("6-");
  }

  @Test
  void full_inbox_takes_more_once_what_fills_it_is_older_than_a_week() {
    keep = 3;
    age = Duration.ofDays(30);
    assertThat(call(List.of("{i:7}"), 40, "")).filteredOn("f"::equals).hasSize(10);
    now = now.plus(WEEK.plusMillis(1));

    assertThat(call(List.of("{i:7}"), "")).singleElement().asString().startsWith("n31:");

    assertThat(stored("{i:7}")).hasSize(3);
  }

  @Test
  void what_was_read_in_an_earlier_epoch_counts_when_the_message_there_is_the_same() {
    keep = 3;
    call(List.of("{i:7}"), 5, "");
    SharedRedis.process().ask(redis -> redis.hset("{i:7}:p", "*", "66:4"));
    call(List.of("{i:7}"), "");
    assertThat(stored("{i:7}")).as("nobody knows which message that was").hasSize(6);

    SharedRedis.process().ask(redis -> {
      redis.xadd("{i:7}:m", new XAddArgs().id("7-" + now.toEpochMilli()), "m", "\b\u0009");
      redis.hset("{i:7}:s", "last", "7");
      redis.hset("{i:7}:p", "*", "66:7");
      return redis.hset("{i:7}:pi", "*", "7:9");
    });
    call(List.of("{i:7}"), "");

    assertThat(stored("{i:7}")).hasSize(3);
  }

  @Test
  void call_that_comes_again_is_refused_what_it_was_refused() {
    perSender = 2;
    List<String> first = call(List.of("{i:7}"), 4, "");
    assertThat(first).containsExactly("n1:1", "n2:2", "s", "s");
    SharedRedis.process().ask(redis -> redis.hset("{i:7}:p", "*", EPOCH + ":2"));

    ids = 0;

    assertThat(call(List.of("{i:7}"), 4, "")).isEqualTo(first);
    assertThat(call(List.of("{i:7}"), 1, "")).containsExactly("n3:5");
  }

  private long ids;

  private String publish(String key) {
    return call(List.of("{r:7}"), key).get(0);
  }

  private List<String> call(List<String> topics, String key) {
    return call(topics, 1, key);
  }

  private List<String> call(List<String> topics, int messages, String key) {
    List<String> keys = new ArrayList<>();
    List<String> arguments = new ArrayList<>(List.of(
        Long.toString(now.plus(nodeIsAhead).toEpochMilli()),
        Long.toString(window.toMillis()),
        Long.toString(keep),
        Long.toString(age.toMillis()),
        "PUBLISH",
        "1000",
        "0",
        EPOCH,
        Long.toString(perSender),
        Long.toString(WEEK.toMillis()),
        Long.toString(10 * keep)));
    for (String topic : topics) {
      boolean inbox = topic.startsWith("{i:");
      for (String part : inbox ? PARTS : PARTS.subList(0, 5)) {
        keys.add(topic + part);
      }
      arguments.addAll(List.of(Integer.toString(messages), inbox ? "i" : "r"));
      for (int i = 0; i < messages; i++) {
        arguments.addAll(List.of(key, "h", Long.toString(++ids), "bytes"));
        if (inbox) {
          arguments.add("2");
        }
      }
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
    return stored("{r:7}");
  }

  private static List<String> stored(String topic) {
    return SharedRedis.process()
        .ask(redis -> redis.xrange(topic + ":m", Range.<String>unbounded()).stream()
            .map(entry -> entry.getId())
            .toList());
  }

  private static String source() {
    String real = String.join(
        "", source("message_id"), source("positions"), source("unread"), source("append"));
    String moved = real.replace("local time = call('TIME')", """
        local t = tonumber(call('GET', 'test:now'))
        local time = {math.floor(t / 1000), t % 1000 * 1000}""");
    assertThat(moved).isNotEqualTo(real);
    return moved;
  }

  private static String source(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
