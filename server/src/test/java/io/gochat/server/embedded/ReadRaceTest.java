package io.gochat.server.embedded;

import static io.gochat.server.embedded.StoreFixture.ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.messaging.LogSlice;
import io.gochat.server.messaging.PublishResult;
import io.gochat.server.messaging.PublishResult.Accepted;
import io.gochat.server.messaging.Retention;
import io.gochat.server.messaging.TopicState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Readers beside commits that append and trim: no hole, no bound that goes back, nothing missing that was accepted. */
@Timeout(60)
class ReadRaceTest {
  private static final int MESSAGES = 20_000;

  @TempDir
  Path directory;

  private final AtomicLong acceptedSeq = new AtomicLong();
  private final AtomicBoolean done = new AtomicBoolean();

  @Test
  void readers_see_a_window_that_only_moves_forward() throws Exception {
    EmbeddedOptions options = EmbeddedOptions.of(directory)
        .withDurability(Durability.ASYNC)
        .withRetention(new Retention(40, Duration.ofHours(1)));
    long seed = System.nanoTime();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (StoreFixture fixture = new StoreFixture(options).open()) {
      List<Future<Integer>> readers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Random random = new Random(seed + i);
        readers.add(threads.submit(() -> read(fixture, random)));
      }

      Random random = new Random(seed);
      int published = 0;
      while (published < MESSAGES) {
        List<CompletableFuture<PublishResult>> results = new ArrayList<>();
        for (int i = random.nextInt(100); i >= 0; i--) {
          results.add(fixture.publish(ROOM, "m" + ++published, null));
        }
        for (CompletableFuture<PublishResult> result : results) {
          acceptedSeq.set(((Accepted) result.join()).seq());
        }
        if (random.nextInt(20) == 0) {
          fixture.clock.advance(Duration.ofHours(2)); // everything is too old
          fixture.store().upkeep().sweep();
        }
      }
      done.set(true);

      for (Future<Integer> reader : readers) {
        assertThat(reader.get()).as("seed %d", seed).isGreaterThan(100);
      }
    } finally {
      done.set(true);
      threads.shutdownNow();
    }
  }

  private int read(StoreFixture fixture, Random random) {
    int reads = 0;
    long firstSeq = 1;
    long lastSeq = 0;
    while (!done.get()) {
      long accepted = acceptedSeq.get();
      TopicState state =
          fixture.store().log().state(ROOM, random.nextInt(2) * accepted).join();
      assertThat(state.lastSeq()).isGreaterThanOrEqualTo(Math.max(accepted, lastSeq));
      assertThat(state.firstSeq()).isBetween(firstSeq, state.lastSeq() + 1);
      lastSeq = state.lastSeq();
      firstSeq = state.firstSeq();

      long from = Math.max(1, accepted - random.nextInt(100));
      LogSlice slice = fixture.store().log().read(ROOM, from, 1_000, 1 << 20).join();
      long expected = Math.max(from, slice.firstSeq());
      for (int i = 0; i < slice.messages().size(); i++) {
        assertThat(slice.messages().get(i).seq()).isEqualTo(expected + i);
      }
      assertThat(expected + slice.messages().size() - 1)
          .isEqualTo(Math.max(slice.lastSeq(), expected - 1));
      assertThat(slice.lastSeq()).isGreaterThanOrEqualTo(accepted);
      reads++;
    }
    return reads;
  }
}
