package io.gochat.server;

import static io.gochat.server.frame.FrameTestClient.inbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.protocol.Hello;
import io.gochat.protocol.Message;
import io.gochat.protocol.Position;
import io.gochat.protocol.Welcome;
import io.gochat.server.Nodes.Answer;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.server.redis.RedisProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From one node with a directory to nodes on Redis. */
@Timeout(120)
class MigrateTest {
  private static final long ROOM = 7;

  private final Nodes nodes = new Nodes();
  private final RedisProcess redis = nodes.redis();

  @TempDir
  private Path directory;

  @AfterEach
  void close() {
    nodes.close();
  }

  @Test
  void everything_is_there_after_the_move() throws Exception {
    Server before = embedded();
    User alice = nodes.signIn(before, "alice");
    User bob = nodes.signIn(before, "bob");
    User gone = nodes.logIn(before, "bob");
    nodes.post(before, "/user/logout", "{\"token\":\"" + gone.token() + "\"}");
    for (int i = 1; i <= 1_050; i++) {
      assertThat(nodes.pushRoom(before, alice, ROOM, "r" + i, "").status()).isEqualTo(200);
    }
    Answer keyed = nodes.pushRoom(before, alice, ROOM, "once \u00e9", "key \u00e9:1");
    nodes.push(before, alice, bob.id(), "read", "");
    nodes.push(before, alice, bob.id(), "unread", "");
    Welcome welcome;
    try (FrameTestClient phone = FrameTestClient.connect(before.port())) {
      welcome = phone.hello(Hello.newBuilder().setToken(bob.token()).setDeviceId("phone"));
      phone.deliveries(2);
      phone.ack(inbox(bob.id()), 1, 0);
    }
    List<String> room = history(before, alice);
    before.close();

    assertThat(migrate()).isZero();
    Server after = nodes.start(redis, "a");

    assertThat(history(after, alice)).isEqualTo(room);
    assertThat(nodes.logIn(after, "bob").id()).isEqualTo(bob.id());
    assertThat(check(after, alice)).isEqualTo(200);
    assertThat(check(after, gone)).as("who had logged out").isEqualTo(401);
    Answer again = nodes.pushRoom(after, alice, ROOM, "once \u00e9", "key \u00e9:1");
    assertThat(again.fields()).containsEntry("duplicate", "true");
    assertThat(again.number("message_id")).isEqualTo(keyed.number("message_id"));
    Answer other = nodes.pushRoom(after, alice, ROOM, "another", "key \u00e9:1");
    assertThat(other.errorCode()).isEqualTo("client_message_id_reused");
    // The position counts in the same epoch; the inbox goes on where the device was.
    Position at = Position.newBuilder()
        .setTopic(inbox(bob.id()))
        .setEpoch(welcome.getResumed(0).getEpoch())
        .setSeq(1)
        .build();
    FrameTestClient resumed = nodes.connect(after);
    Welcome back = resumed.hello(
        Hello.newBuilder().setToken(bob.token()).setDeviceId("laptop").addResume(at));
    assertThat(back.getResumed(0).getRecovered()).isTrue();
    assertThat(resumed.delivery().getText()).isEqualTo("unread");
    FrameTestClient phone = nodes.connect(after, bob, "phone");
    Message unread = phone.delivery();
    assertThat(unread.getText()).isEqualTo("unread");
    // New ids and sequences come after all old ones.
    Answer fresh = nodes.pushRoom(after, alice, ROOM, "new", "key-2");
    assertThat(fresh.number("seq")).isEqualTo(1_052);
    assertThat(fresh.number("message_id")).isGreaterThan(unread.getMessageId());
    assertThat(nodes.signIn(after, "carol").id()).isGreaterThan(bob.id());
  }

  @Test
  void redis_with_data_and_a_directory_in_use_are_refused() throws Exception {
    assertThat(migrate()).as("there is no store").isEqualTo(1);
    Server running = embedded();
    nodes.signIn(running, "alice");

    assertThat(migrate()).as("the directory is in use").isEqualTo(1);
    running.close();
    nodes.start(redis, "a").close();
    Map<String, String> before = dump();
    assertThat(migrate()).as("a node was there").isEqualTo(1);

    assertThat(dump()).isEqualTo(before).doesNotContainKey("gochat:import");
    assertThat(nodes.start(redis, "a").port()).as("it starts as before").isPositive();
  }

  @Test
  void move_that_was_cut_short_is_accepted_by_nobody() throws Exception {
    Server running = embedded();
    nodes.signIn(running, "alice");
    running.close();
    redis.ask(r -> r.set("gochat:import", "1")); // what a move that is killed leaves behind

    assertThatThrownBy(() -> nodes.start(redis, "a"))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("gochat:")
        .hasMessageNotContaining("FLUSHALL");
    assertThat(migrate()).isEqualTo(1);
    redis.ask(r -> r.flushall());
    assertThat(migrate()).isZero();

    assertThat(nodes.logIn(nodes.start(redis, "a"), "alice").id()).isPositive();
  }

  @Test
  void directory_that_was_moved_starts_no_server_and_other_keys_in_redis_are_nobody_elses_loss()
      throws Exception {
    Server running = embedded();
    nodes.signIn(running, "alice");
    running.close();
    redis.ask(r -> r.set("shop:basket", "3 apples"));

    assertThat(migrate()).isZero();

    assertThatThrownBy(this::embedded)
        .isInstanceOf(StartException.class)
        .hasMessageContaining("moved to redis://")
        .hasMessageContaining("--redis");
    String others = redis.ask(r -> r.get("shop:basket"));
    assertThat(others).isEqualTo("3 apples");
  }

  @Test
  void topic_whose_messages_are_gone_keeps_its_end() throws Exception {
    Server running = nodes.start("--data-dir=" + directory, "--retention-count=2");
    User alice = nodes.signIn(running, "alice");
    LongStream.range(0, 1_500).forEach(i -> nodes.pushRoom(running, alice, ROOM, "m" + i, ""));
    running.close();

    assertThat(migrate("--retention-age=1ms")).isZero();
    long left = redis.ask(r -> r.xlen("gochat:{r:7}:m"));
    Answer next = nodes.pushRoom(nodes.start(redis, "a"), alice, ROOM, "next", "key");

    assertThat(left).as("older than the retention age").isZero();
    assertThat(next.number("seq")).isEqualTo(1_501);
    long now = redis.ask(r -> r.xlen("gochat:{r:7}:m"));
    assertThat(now).isEqualTo(1);
  }

  private Map<String, String> dump() {
    return redis.ask(r -> {
      Map<String, String> all = new TreeMap<>();
      r.keys("gochat:*").stream()
          .filter(key -> r.type(key).equals("string"))
          .forEach(key -> all.put(key, r.get(key)));
      return all;
    });
  }

  private Server embedded() throws StartException {
    return nodes.start("--data-dir=" + directory);
  }

  private int migrate(String... more) {
    String[] args = new String[more.length + 3];
    args[0] = "migrate";
    args[1] = "--data-dir=" + directory;
    args[2] = "--redis=" + redis.uri();
    System.arraycopy(more, 0, args, 3, more.length);
    return Main.run(args, Map.of());
  }

  private int check(Server node, User user) {
    return nodes
        .post(node, "/user/checkAuth", "{\"token\":\"" + user.token() + "\"}")
        .status();
  }

  /** The room as everybody sees it, page by page. */
  private List<String> history(Server node, User reader) {
    List<String> pages = new ArrayList<>();
    for (long after = 0; after < 1_051; after += 100) {
      pages.add(nodes.text(node, "/push/history", """
          {"token":"%s","room_id":%d,"after_seq":%d,"limit":100}
          """.formatted(reader.token(), ROOM, after)));
    }
    assertThat(pages.get(10)).contains("once \u00e9");
    return pages;
  }
}
