package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.bench.api.HttpApi;
import io.gochat.bench.redis.OneRedis;
import io.gochat.client.ChatClient;
import io.gochat.client.ClientOptions;
import io.gochat.client.ConnectionState;
import io.gochat.client.Gap;
import io.gochat.client.Message;
import io.gochat.client.Published;
import io.gochat.client.Topic;
import io.gochat.server.Server;
import io.gochat.server.config.ServerFlags;
import io.gochat.testing.RedisBinary;
import io.gochat.testing.TestResources;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node stops behind a balancer, and its clients go on at another. */
@Timeout(120)
class DrainTest {
  private static final int CLIENTS = 30;
  private static final long ROOM = 7;
  private static final Duration SOON = Duration.ofSeconds(30);

  @AutoClose
  private final TestResources opened = new TestResources();

  @TempDir
  private Path dir;

  @Test
  void clients_of_a_node_that_stops_move_one_by_one_and_miss_nothing() throws Exception {
    OneRedis redis = opened.add(OneRedis.start(RedisBinary.find(dir), dir));
    Server first = node(redis, "first");
    Server second = node(redis, "second");
    FaultProxy balancer = opened.add(new FaultProxy());
    balancer.upstream(address(first));
    HttpApi.User user = HttpApi.of(address(second)).signIn("alice", "wonderland");
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      members.add(new Member(balancer.port(), user, "device-" + i));
    }
    for (Member member : members) {
      member.client.join(ROOM).get();
    }
    List<CompletableFuture<Published>> published = new ArrayList<>();
    publish(members, published, 300);

    balancer.upstream(address(second));
    long stopped = System.nanoTime();
    Thread stopping = new Thread(first::close);
    stopping.start();
    for (int burst = 0; burst < 20; burst++) {
      publish(members, published, 30);
      CompletableFuture.allOf(published.toArray(new CompletableFuture<?>[0])).get();
    }
    stopping.join();

    long last = published.size();
    await()
        .atMost(SOON)
        .until(() -> members.stream().allMatch(m -> m.sequences().size() >= last));
    for (Member member : members) {
      assertThat(member.gaps).isEmpty();
      assertThat(member.sequences())
          .isEqualTo(LongStream.rangeClosed(1, last).boxed().toList());
    }
    assertThat(balancer.tap().goAways()).as("told to go elsewhere").isEqualTo(CLIENTS);
    assertThat(published.stream().map(p -> p.join().seq())).doesNotHaveDuplicates();
    assertStaggered(members.stream().map(m -> m.movedMs(stopped)).toList());
  }

  /** Over five seconds, and never a third of them within half a second. */
  private static void assertStaggered(List<Long> unsorted) {
    List<Long> moved = unsorted.stream().sorted().toList();
    assertThat(moved.get(moved.size() - 1) - moved.get(0)).as("%s", moved).isGreaterThan(2_500);
    for (long from : moved) {
      assertThat(moved.stream().filter(at -> at >= from && at < from + 500).count())
          .as("%s", moved)
          .isLessThan(CLIENTS / 3 + 2);
    }
  }

  private static void publish(
      List<Member> members, List<CompletableFuture<Published>> published, int count) {
    IntStream.range(0, count)
        .mapToObj(i -> members.get(i % members.size()))
        .forEach(member ->
            published.add(member.client.publish(Topic.room(ROOM), "message " + published.size())));
  }

  private Server node(OneRedis redis, String id) throws Exception {
    return opened.add(Server.start(ServerFlags.parse(
        "--host=127.0.0.1",
        "--port=0",
        "--redis=" + redis.uri(),
        "--node-id=" + id,
        "--bcrypt-cost=4")));
  }

  private static InetSocketAddress address(Server server) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
  }

  /** A client of the balancer, and what it was told. */
  private final class Member {
    final List<Message> messages = Collections.synchronizedList(new ArrayList<>());
    final List<Gap> gaps = new CopyOnWriteArrayList<>();
    final List<Long> connectedNanos = new CopyOnWriteArrayList<>();
    final ChatClient client;

    Member(int port, HttpApi.User user, String device) throws Exception {
      client = ChatClient.create(ClientOptions.builder()
              .host("127.0.0.1")
              .port(port)
              .token(user.token())
              .deviceId(device)
              .build())
          .onMessage(messages::add)
          .onGap(gaps::add)
          .onState(state -> {
            if (state.phase() == ConnectionState.Phase.CONNECTED) {
              connectedNanos.add(System.nanoTime());
            }
          });
      opened.add(client);
      client.connect().get();
    }

    List<Long> sequences() {
      synchronized (messages) {
        return messages.stream().map(Message::seq).toList();
      }
    }

    /** How long after the stop it was connected again. */
    long movedMs(long sinceNanos) {
      return connectedNanos.stream()
          .filter(at -> at > sinceNanos)
          .findFirst()
          .map(at -> (at - sinceNanos) / 1_000_000)
          .orElseThrow();
    }
  }
}
