package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.cluster.NodePresence;
import io.gochat.testing.TestResources;
import io.lettuce.core.KillArgs;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one node sees of the others' members. */
@Timeout(120)
class RedisPresenceTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration LEASE = Duration.ofSeconds(40);

  @AutoClose
  private final TestResources opened = new TestResources();

  private final RedisProcess redis = opened.add(RedisProcess.start());
  private final RedisStore near = openStore();
  private final RedisStore far = openStore();
  private final Set<String> seenNear = mirror(near);
  private final Set<String> seenFar = mirror(far);

  @Test
  void joins_and_leaves_are_seen_on_the_other_node_and_not_on_this_one() {
    near.presence().join(7, 3, "zoe");
    near.presence().join(7, 3, "zoe");
    near.presence().join(8, 4, "名前");
    await().atMost(SOON).until(() -> seenFar.equals(Set.of("7:3:zoe", "8:4:名前")));

    near.presence().leave(7, 3);
    near.presence().leave(8, 4);
    await().atMost(SOON).until(() -> seenFar.equals(Set.of("7:3:zoe")));
    near.presence().leave(7, 3);

    await().atMost(SOON).until(seenFar::isEmpty);
    assertThat(seenNear).isEmpty();
  }

  @Test
  void node_that_comes_later_sees_who_is_there() {
    for (int user = 1; user <= 1_200; user++) {
      near.presence().join(7, user, "user" + user);
    }
    await().atMost(SOON).until(() -> seenFar.size() == 1_200);

    Set<String> late = mirror(openStore());

    await().atMost(SOON).until(() -> late.equals(seenFar));
  }

  @Test
  void node_that_stops_takes_its_members_with_it_at_once() {
    RedisStore third = SharedRedis.open(RedisOptions.of(redis.uri()));
    mirror(third);
    third.presence().join(7, 3, "zoe");
    await().atMost(SOON).until(() -> seenFar.size() == 1);

    third.close();

    await().atMost(SOON).until(seenFar::isEmpty);
  }

  @Test
  void node_that_died_takes_its_members_with_it_after_its_lease() {
    redis.ask(r -> {
      r.hset("gochat:presence:dead", "7:3", "zoe");
      List<String> time = r.time();
      return r.zadd("gochat:presence-nodes", Long.parseLong(time.get(0)) * 1_000.0 - 1_000, "dead");
    });
    await().atMost(SOON).until(() -> seenFar.equals(Set.of("7:3:zoe")));

    await().atMost(LEASE).until(() -> seenFar.isEmpty() && seenNear.isEmpty());
  }

  @Test
  void node_whose_lease_ran_out_comes_back_with_all_its_members() {
    near.presence().join(7, 3, "zoe");
    await().atMost(SOON).until(() -> seenFar.size() == 1);

    // What others do to a node that was paused for long.
    redis.ask(r -> {
      r.del("gochat:presence-nodes");
      for (String key : r.keys("gochat:presence:*")) {
        r.del(key);
      }
      return r.del("gochat:presence");
    });
    near.presence().join(8, 4, "yan");

    await().atMost(LEASE).until(() -> seenFar.equals(Set.of("7:3:zoe", "8:4:yan")));
  }

  @Test
  void broken_connections_and_a_restart_are_survived() {
    near.presence().join(7, 3, "zoe");
    await().atMost(SOON).until(() -> seenFar.size() == 1);

    redis.ask(r -> r.clientKill(KillArgs.Builder.typeNormal().skipme()));
    near.presence().leave(7, 3);
    near.presence().join(7, 4, "yan");
    await().atMost(LEASE).until(() -> seenFar.equals(Set.of("7:4:yan")));

    redis.kill();
    near.presence().join(7, 5, "xia");
    redis.startAgain();

    await().atMost(LEASE).until(() -> seenFar.equals(Set.of("7:4:yan", "7:5:xia")));
  }

  private static Set<String> mirror(RedisStore store) {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    store.presence().start(new NodePresence.Listener() {
      @Override
      public void joined(long roomId, long userId, String username) {
        assertThat(seen.add(roomId + ":" + userId + ":" + username)).isTrue();
      }

      @Override
      public void left(long roomId, long userId) {
        assertThat(seen.removeIf(s -> s.startsWith(roomId + ":" + userId + ":")))
            .isTrue();
      }
    });
    return seen;
  }

  private RedisStore openStore() {
    return opened.add(
        SharedRedis.open(RedisOptions.of(redis.uri()).withCommandTimeout(Duration.ofSeconds(1))));
  }
}
