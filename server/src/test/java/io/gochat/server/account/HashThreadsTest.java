package io.gochat.server.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HashThreadsTest {
  private final AtomicLong nanos = new AtomicLong();
  private final HeldTasks behind = new HeldTasks(1_000);
  private final HeldTasks ahead = new HeldTasks(100);

  @Test
  void a_login_now_and_then_goes_ahead() {
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
    HashThreads threads = new HashThreads(behind, new HeldTasks(0), 10, nanos::get);

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

  private static void hash() {}
}
