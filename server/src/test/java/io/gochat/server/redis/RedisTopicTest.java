package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gochat.protocol.Message;
import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the append script does over time and between nodes, with a clock that stands still until it is moved. */
@Timeout(60)
class RedisTopicTest {
  private static final Topic ROOM = Topic.room(7);
  private static final Duration WINDOW = Duration.ofHours(1);
  private static final Duration AGE = Duration.ofDays(2);

  private final Instant now = Instant.now();
  private final InstantSource clock = () -> now;
  private final RedisOptions options = RedisOptions.of(SharedRedis.process().uri())
      .withRetention(new Retention(100, AGE))
      .withDedupeWindow(WINDOW);
  private final RedisStore near = openEmpty();
  private final RedisStore far = SharedRedis.open(options, clock);

  private RedisStore openEmpty() {
    SharedRedis.openEmpty(options).close();
    return SharedRedis.open(options, clock);
  }

  @AfterEach
  void close() {
    near.close();
    far.close();
  }

  @Test
  void node_whose_clock_is_behind_knows_what_the_other_wrote() {
    RedisStore behind = SharedRedis.open(options, () -> now.minus(WINDOW).minus(WINDOW));
    try {
      Accepted first = accepted(near, "text", "key");

      assertThat(accepted(behind, "text", "key")).isEqualTo(duplicateOf(first));
      Accepted second = accepted(behind, "text", "key2");
      assertThat(accepted(near, "text", "key2")).isEqualTo(duplicateOf(second));
    } finally {
      behind.close();
    }
  }

  @Test
  void node_whose_clock_is_days_ahead_deletes_nothing_and_stamps_like_the_others() {
    RedisStore ahead = SharedRedis.open(options, () -> now.plus(Duration.ofDays(40)));
    try {
      for (int i = 0; i < 20; i++) {
        accepted(near, "m" + i, null);
      }

      accepted(ahead, "from the future", null);

      assertThat(texts()).hasSize(21).endsWith("from the future");
      assertThat(stamps())
          .isSorted()
          .allMatch(ms -> Math.abs(ms - System.currentTimeMillis()) < 60_000);
    } finally {
      ahead.close();
    }
  }

  @Test
  void same_client_message_id_on_two_nodes_at_once_publishes_once() {
    for (int i = 0; i < 50; i++) {
      String key = "key" + i;
      CompletableFuture<PublishResult> here = publish(near, "text", key);
      CompletableFuture<PublishResult> there = publish(far, "text", key);

      Accepted one = (Accepted) here.join();
      Accepted other = (Accepted) there.join();
      assertThat(one.duplicate()).isNotEqualTo(other.duplicate());
      assertThat(one.seq()).isEqualTo(other.seq());
      assertThat(one.messageId()).isEqualTo(other.messageId());
    }
  }

  @Test
  void large_sequences_keep_all_their_digits() {
    long large = (1L << 53) - 1_000;
    SharedRedis.process().ask(r -> r.hset("gochat:{r:7}:s", "last", Long.toString(large)));

    Accepted accepted = accepted(near, "text", "key");

    assertThat(accepted.seq()).isEqualTo(large + 1);
    assertThat(accepted(near, "text", "key")).isEqualTo(duplicateOf(accepted));
    LogSlice slice = near.log().read(ROOM, large + 1, 10, 1_000).join();
    assertThat(slice.messages()).extracting(LoggedMessage::seq).containsExactly(large + 1);
    assertThat(near.log().state(ROOM, large + 1).join().probedMessageId())
        .isEqualTo(accepted.messageId());
  }

  @Test
  void client_message_ids_may_contain_anything() {
    for (String key : List.of(":", "a:b:c", "\n", "\"", "%s", "名前", "d1:2", "c")) {
      Accepted first = accepted(near, "text", key);

      assertThat(first.duplicate()).isFalse();
      assertThat(accepted(near, "text", key)).isEqualTo(duplicateOf(first));
    }
  }

  private List<Long> stamps() {
    return near.log().read(ROOM, 1, 100, 1 << 20).join().messages().stream()
        .map(message -> {
          try {
            return Message.parseFrom(message.bytes()).getCreatedAtMs();
          } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
          }
        })
        .toList();
  }

  private static Accepted duplicateOf(Accepted first) {
    return new Accepted(first.messageId(), first.seq(), true);
  }

  private static Accepted accepted(RedisStore store, String text, @Nullable String key) {
    return (Accepted) publish(store, text, key).join();
  }

  private static CompletableFuture<PublishResult> publish(
      RedisStore store, String text, @Nullable String key) {
    return store.log().publish(new Publication(ROOM, 3, "user-3", "", text, key));
  }

  private List<String> texts() {
    List<String> texts = new ArrayList<>();
    for (LoggedMessage message : near.log().read(ROOM, 1, 1_000, 1 << 24).join().messages()) {
      try {
        texts.add(Message.parseFrom(message.bytes()).getText());
      } catch (com.google.protobuf.InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
    return texts;
  }
}
