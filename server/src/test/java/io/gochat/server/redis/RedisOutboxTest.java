package io.gochat.server.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.messaging.Outbox;
import io.gochat.server.messaging.Publication;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whether who leads goes on looking for what is new, whatever happens. */
@Timeout(90)
class RedisOutboxTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final RedisStore store = SharedRedis.openEmpty();
  private final Outbox outbox = store.outbox().orElseThrow();

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void listener_that_fails_hears_of_later_records_and_that_it_has_to_look_again() {
    Set<Topic> heard = ConcurrentHashMap.newKeySet();
    AtomicInteger again = new AtomicInteger();
    outbox.listener(new Outbox.Listener() {
      @Override
      public void recorded(List<Outbox.Recorded> recorded) {
        recorded.forEach(record -> heard.add(record.topic()));
        if (heard.contains(Topic.room(1)) && again.get() == 0) {
          throw new IllegalStateException("a bug");
        }
      }

      @Override
      public void lookAgain() {
        again.incrementAndGet();
      }
    });
    outbox.record(TopicFilter.ALL);
    assertThat(outbox.lead().join()).isPositive();

    publish(Topic.room(1));
    await().atMost(SOON).until(() -> again.get() > 0);
    publish(Topic.room(2));

    await().atMost(SOON).until(() -> heard.contains(Topic.room(2)));
  }

  private void publish(Topic topic) {
    assertThat(store
            .log()
            .publish(new Publication(topic, 3, "user-3", "", "text", null))
            .join())
        .isInstanceOf(PublishResult.Accepted.class);
  }
}
