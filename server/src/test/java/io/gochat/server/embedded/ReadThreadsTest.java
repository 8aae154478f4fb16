package io.gochat.server.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReadThreadsTest {
  private static final int QUEUED = 5;

  private final OpenStore store = new OpenStore();
  private final ReadThreads reads = new ReadThreads(store, 1, QUEUED, new SimpleMeterRegistry());
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch goOn = new CountDownLatch(1);

  @BeforeEach
  void occupyTheThread(@TempDir Path directory) throws Exception {
    store.set(Database.open(directory, true, StoreBounds.DEFAULT));
    reads.walk(database -> {
      begun.countDown();
      await(goOn);
      return 0;
    });
    begun.await();
  }

  @AfterEach
  void close() {
    goOn.countDown();
    reads.close();
    store.close();
  }

  @Test
  @SuppressWarnings("NullAway") // null: it is not in memory
  void who_looks_one_thing_up_does_not_stand_behind_those_who_read_much() {
    List<String> order = new CopyOnWriteArrayList<>();

    CompletableFuture<Boolean> last = reads.walk(database -> order.add("history 1"));
    reads.walk(database -> order.add("history 2"));
    Thread caller = Thread.currentThread();
    for (String account : List.of("account 1", "account 2")) {
      reads.lookUp(database -> Thread.currentThread().equals(caller) ? null : order.add(account));
    }
    goOn.countDown();

    last.join();
    reads.close();
    assertThat(order).containsExactly("account 1", "account 2", "history 1", "history 2");
  }

  @Test
  void more_than_may_wait_are_refused_and_the_others_served() {
    List<CompletableFuture<Integer>> waiting = new CopyOnWriteArrayList<>();
    for (int i = 0; i < QUEUED; i++) {
      waiting.add(reads.walk(database -> 1));
    }

    assertThatThrownBy(() -> reads.walk(database -> 1).join())
        .hasCauseInstanceOf(RejectedExecutionException.class);

    goOn.countDown();
    waiting.forEach(CompletableFuture::join);
    assertThat(reads.walk(database -> 2).join()).isEqualTo(2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
