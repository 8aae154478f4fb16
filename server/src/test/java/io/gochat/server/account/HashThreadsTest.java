package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HashThreadsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final Taking behind = new Taking(1_000);
  private final Taking ahead = new Taking(100);

  @Test
  void a_login_now_and_then_steps_back_for_nobody() {
    HashThreads threads = new HashThreads(behind, ahead, 10, nanos::get);

    for (int i = 0; i < 40; i++) {
      threads.execute(HashThreadsTest::hash);
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(250));
    }

    assertThat(ahead.tasks).hasSize(40);
    assertThat(behind.tasks).isEmpty();
  }

  @Test
  void a_storm_steps_back_until_it_is_over() {
    HashThreads threads = new HashThreads(behind, ahead, 10, nanos::get);

    for (int i = 0; i < 200; i++) {
      threads.execute(HashThreadsTest::hash);
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
    }
    assertThat(ahead.tasks).as("before it was one").hasSize(4);
    assertThat(behind.tasks).hasSize(196);
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    threads.execute(HashThreadsTest::hash);

    assertThat(ahead.tasks).hasSize(5);
  }

  @Test
  void a_dearer_hash_makes_fewer_a_storm() {
    HashThreads threads = new HashThreads(behind, ahead, 12, nanos::get);

    for (int i = 0; i < 12; i++) {
      threads.execute(HashThreadsTest::hash);
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
    }

    assertThat(ahead.tasks).as("four in four seconds").hasSize(4);
    assertThat(behind.tasks).hasSize(8);
  }

  @Test
  void what_cannot_go_ahead_goes_behind() {
    HashThreads threads = new HashThreads(behind, new Taking(0), 10, nanos::get);

    threads.execute(HashThreadsTest::hash);

    assertThat(behind.tasks).hasSize(1);
  }

  @Test
  void what_is_closed_takes_nothing() {
    HashThreads threads = HashThreads.start(1, 4);

    threads.close();

    assertThatThrownBy(() -> threads.execute(HashThreadsTest::hash))
        .isInstanceOf(RejectedExecutionException.class);
  }

  /** Takes so many, and runs none. */
  private static void hash() {}

  private static final class Taking extends AbstractExecutorService {
    final List<Runnable> tasks = new ArrayList<>();
    private final int room;

    Taking(int room) {
      this.room = room;
    }

    @Override
    public void execute(Runnable task) {
      if (tasks.size() == room) {
        throw new RejectedExecutionException("full");
      }
      tasks.add(task);
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return tasks;
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
