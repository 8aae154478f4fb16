package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.contract.SessionStoreContract;
import io.gochat.server.session.Session;
import io.gochat.server.session.SessionStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RedisSessionsTest extends SessionStoreContract {
  private final RedisStore store = SharedRedis.openEmpty();
  private final RedisStore other =
      SharedRedis.open(RedisOptions.of(SharedRedis.process().uri()));

  @Override
  protected SessionStore sessions() {
    return store.sessions();
  }

  @Override
  protected long nowMs() {
    return System.currentTimeMillis();
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
  }

  @Test
  void deletion_is_heard_on_the_other_node_and_not_on_this_one() {
    // Each end is told twice, around the deletion itself.
    Set<String> here = ConcurrentHashMap.newKeySet();
    Set<String> there = ConcurrentHashMap.newKeySet();
    store.sessions().onDeletedElsewhere(here::add);
    other.sessions().onDeletedElsewhere(there::add);

    save("a");
    save("b");
    store.sessions().delete("a").join();
    other.sessions().delete("b").join();

    await().atMost(Duration.ofSeconds(30)).until(() -> there.size() == 1 && here.size() == 1);
    assertThat(there).containsExactly("a");
    assertThat(here).containsExactly("b");
  }

  @Test
  void deletions_during_a_broken_connection_are_heard_after_it() {
    List<String> there = Collections.synchronizedList(new ArrayList<>());
    other.sessions().onDeletedElsewhere(there::add);
    for (int i = 0; i < 50; i++) {
      save("s" + i);
      if (i % 25 == 0) {
        SharedRedis.process()
            .ask(redis ->
                redis.clientKill(io.lettuce.core.KillArgs.Builder.typeNormal().skipme()));
      }
      String id = "s" + i;
      await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
        store.sessions().delete(id).join();
        return true;
      });
    }

    await().atMost(Duration.ofSeconds(30)).until(() -> new java.util.HashSet<>(there).size() == 50);
  }

  @Test
  void lost_stream_is_told_as_missed() {
    List<String> missed = Collections.synchronizedList(new ArrayList<>());
    other.sessions().onDeletionsMissed(() -> missed.add("missed"));
    save("a");
    store.sessions().delete("a").join();

    await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
      SharedRedis.process().ask(redis -> redis.flushall());
      SharedRedis.process()
          .ask(redis ->
              redis.clientKill(io.lettuce.core.KillArgs.Builder.typeNormal().skipme()));
      return !missed.isEmpty();
    });
  }

  private void save(String id) {
    await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> {
      store.sessions().save(new Session(id, 7, "zoe", nowMs() + 60_000)).join();
      return true;
    });
  }
}
