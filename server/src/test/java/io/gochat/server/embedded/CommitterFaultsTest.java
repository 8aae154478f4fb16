package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static io.gochat.server.embedded.StoreFixture.assertUnavailable;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.gochat.server.contract.RecordingListener;
import io.gochat.server.messaging.CommitListener;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A commit, a listener or a publisher that throws, and what that costs. */
@Timeout(120)
class CommitterFaultsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  Path directory;

  private final InjectedFaults faults = new InjectedFaults();

  private StoreFixture open(Durability durability) throws StoreOpenException {
    return new StoreFixture(EmbeddedOptions.of(directory).withDurability(durability))
        .with(faults)
        .open();
  }

  @Test
  void an_error_in_a_commit_fails_that_commit_and_nothing_else() throws Exception {
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      fixture.accepted("one");
      faults.errorBefore.set(1);

      assertUnavailable(fixture.publish("two"));
      fixture.awaitReady();

      assertThat(fixture.accepted("three").seq()).isEqualTo(2);
      assertThat(fixture.deaths).hasValue(0);
    }
  }

  @Test
  void a_committer_that_dies_answers_everybody_and_says_so() throws Exception {
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      fixture.accepted("one");
      faults.errorBefore.set(1);
      faults.errorAtReopen.set(1);
      List<CompletableFuture<PublishResult>> results = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        results.add(fixture.publish(ROOM, "m" + i, null));
      }

      for (CompletableFuture<PublishResult> result : results) {
        assertUnavailable(result.get(30, TimeUnit.SECONDS));
      }
      await().atMost(SOON).until(() -> fixture.deaths.get() == 1);
      assertThat(fixture.store().isReady()).isFalse();
      assertUnavailable(fixture.publish("late"));
    }
  }

  @Test
  void a_listener_that_throws_is_told_the_end_of_what_it_missed() throws Exception {
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      AtomicInteger throwing = new AtomicInteger(1);
      RecordingListener heard = new RecordingListener();
      fixture.store().log().listener(new CommitListener() {
        @Override
        public void committed(List<TopicBatch> batches) {
          if (throwing.getAndDecrement() > 0) {
            throw new OutOfMemoryError("injected");
          }
          heard.committed(batches);
        }

        @Override
        public void advanced(Topic topic, long lastSeq) {
          heard.advanced(topic, lastSeq);
        }

        @Override
        public void epochChanged(long epoch) {
          heard.epochChanged(epoch);
        }
      });

      fixture.accepted("one");

      await().atMost(SOON).until(() -> heard.end(ROOM) == 1);
      fixture.accepted("two");
      await().atMost(SOON).until(() -> heard.end(ROOM) == 2);
      assertThat(fixture.deaths).hasValue(0);
      assertThat(fixture.store().isReady()).isTrue();
    }
  }

  @Test
  void who_throws_at_his_answer_costs_nobody_elses() throws Exception {
    try (StoreFixture fixture = open(Durability.FSYNC)) {
      CompletableFuture<PublishResult> first = fixture.publish(ROOM, "one", null);
      CompletableFuture<Void> throwing = first.thenAccept(result -> {
        throw new StackOverflowError("injected");
      });

      assertThat(first.join()).isInstanceOf(Accepted.class);
      assertThatThrownBy(throwing::join).hasCauseInstanceOf(StackOverflowError.class);
      assertThat(fixture.accepted("two").seq()).isEqualTo(2);
    }
  }
}
