package io.gochat.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.protocol.Join;
import io.gochat.protocol.Position;
import io.gochat.protocol.Topic;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.redis.RedisProcess;
import io.lettuce.core.ScriptOutputType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nodes of today on what the release before wrote into Redis, in format 1: taken down key by key from a server of that
 * release with two users, a room and an inbox.
 */
@Timeout(120)
class UpgradeTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final long EPOCH = 3_915_231_709_405_049L;
  private static final String ALICES_TOKEN = "e6TK6tVu61WqlxDMQU7hMk_BvxOdkCQksLMuU1-OEn0";
  private static final long DAY_MS = 86_400_000;

  // A word is text, or bytes as hexadecimal digits.
  private static final String RUN = """
      local words = {}
      for i = 1, #ARGV do
        local hex = string.match(ARGV[i], '^0x(.*)$')
        words[i] = hex and string.gsub(hex, '..', function(b) return string.char(tonumber(b, 16)) end) or ARGV[i]
      end
      redis.call(unpack(words))
      return 'done'
      """;

  private final Nodes nodes = new Nodes();

  @AfterEach
  void stop() {
    nodes.close();
  }

  @Test
  void what_the_release_before_wrote_is_all_there_and_goes_on() throws Exception {
    RedisProcess redis = nodes.redis();
    recall(redis);

    Server near = nodes.start(redis, "near");
    Server far = nodes.start(redis, "far");
    User alice = new User(1, ALICES_TOKEN);
    User bob = nodes.logIn(far, "bob");

    assertThat(nodes.epoch(near, alice)).as("nothing was lost").isEqualTo(EPOCH);
    assertThat(bob.id()).isEqualTo(2);
    assertThat(
            nodes.text(near, "/push/history", "{\"token\":\"" + ALICES_TOKEN + "\",\"room_id\":7}"))
        .contains("room 1", "room 2", "room 3");
    Answer again = nodes.pushRoom(far, alice, 7, "room 2", "k2");
    assertThat(again.fields()).containsEntry("duplicate", "true").containsEntry("seq", "2");
    assertThat(again.number("message_id")).isEqualTo(2);
    Answer next = nodes.pushRoom(near, alice, 7, "room 4", "k4");
    assertThat(next.number("seq")).isEqualTo(4);
    assertThat(next.number("message_id")).as("ids were taken in blocks").isGreaterThan(5);
    assertThat(nodes.signIn(near, "carol").id()).isGreaterThan(2);
    FrameTestClient phone = nodes.connect(near, bob, "phone");
    assertThat(phone.delivery().getText()).as("behind what was read").isEqualTo("for bob 2");
    assertThat(nodes.push(far, alice, 2, "for bob 3", "b3").number("seq")).isEqualTo(3);
    assertThat(phone.delivery().getText()).isEqualTo("for bob 3");
    phone.join(Join.newBuilder().setRoomId(7).setFrom(positionOfRoom(2)));
    await().atMost(SOON).until(() -> phone.delivery().getText().equals("room 4"));
  }

  private static Position positionOfRoom(long seq) {
    return Position.newBuilder()
        .setTopic(Topic.newBuilder().setRoomId(7))
        .setEpoch(EPOCH)
        .setSeq(seq)
        .setMessageId(seq)
        .build();
  }

  /** As if that release had written it just now. */
  private static void recall(RedisProcess redis) throws IOException {
    long nowMs = System.currentTimeMillis();
    long window = nowMs / DAY_MS;
    try (InputStream in =
        Objects.requireNonNull(UpgradeTest.class.getResourceAsStream("/redis/format-1.txt"))) {
      for (String line : new String(in.readAllBytes(), UTF_8).split("\n", -1)) {
        String[] words = line.replace("@NOW@", Long.toString(nowMs))
            .replace("@WINDOW@", Long.toString(window))
            .replace("@PARITY@", Long.toString(window % 2))
            .replace("@EXPIRES@", Long.toString(nowMs + DAY_MS))
            .split(" ", -1);
        if (words.length > 1) {
          Object done = redis.ask(r -> r.eval(RUN, ScriptOutputType.VALUE, new String[0], words));
          assertThat(done).as(line).isEqualTo("done");
        }
      }
    }
  }
}
