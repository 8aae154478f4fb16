package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.server.messaging.PublishResult.Refused;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A compaction that does not end: what upkeep does every second goes on beside it. */
@Timeout(120)
class LongCompactionTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final long NO_ROOM = 1L << 62;

  @TempDir
  private Path directory;

  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch begun = new CountDownLatch(1);
  private final AtomicInteger ours = new AtomicInteger();

  @Test
  void the_disk_is_measured_and_the_log_synced_while_a_compaction_lasts() throws Exception {
    EmbeddedOptions options = EmbeddedOptions.of(directory).withDurability(Durability.ASYNC);
    try (StoreFixture fixture = new StoreFixture(options).with(new Lasting()).open()) {
      EmbeddedStore store = fixture.store();
      fixture.accepted("one");
      store.boundDisk(0, NO_ROOM);
      awaitCompaction(store);

      // One measurement could have been under way: after each comes a sync, before the next.
      for (int i = 0; i < 2; i++) {
        store.boundDisk(0, 0);
        await().atMost(SOON).until(() -> !(fixture.publish("room") instanceof Refused));
        store.boundDisk(0, NO_ROOM);
        await().atMost(SOON).until(() -> fixture.publish("none") instanceof Refused);
      }

      assertThat(over.getCount()).as("it still lasts").isEqualTo(1);
      over.countDown();
    }
  }

  /** A full disk asks for one every thirty seconds; a test does not wait so long. */
  private void awaitCompaction(EmbeddedStore store) {
    await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(1)).until(() -> {
      int before = ours.get();
      while (ours.get() == before && begun.getCount() > 0) {
        store.upkeep().tick(); // until the turn has come round on this thread
      }
      for (int i = 0; i < 28; i++) {
        store.upkeep().tick();
      }
      return begun.await(3, TimeUnit.SECONDS);
    });
  }

  private final class Lasting implements CommitFaults {
    @Override
    public void atCompaction() {
      if (!Thread.currentThread().getName().startsWith("gochat-store-upkeep")) {
        ours.incrementAndGet();
        return;
      }
      begun.countDown();
      try {
        over.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
