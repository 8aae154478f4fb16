package io.gochat.server.bounds;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class QueueRoomTest {
  @Test
  void full_by_number_or_by_bytes() {
    QueueRoom room = new QueueRoom(3, 100);

    assertThat(room.enter(60)).isTrue();
    assertThat(room.enter(50)).isFalse();
    assertThat(room.enter(20)).isTrue();
    assertThat(room.enter(20)).isTrue();
    assertThat(room.enter(0)).isFalse();
    room.leave(60);
    assertThat(room.enter(60)).isTrue();
  }

  @Test
  void one_write_always_fits() {
    QueueRoom room = new QueueRoom(3, 100);

    assertThat(room.enter(1_000)).isTrue();
    assertThat(room.enter(1)).isFalse();
  }

  @Test
  void what_is_refused_while_others_come_and_go_takes_and_leaves_nothing() throws Exception {
    QueueRoom room = new QueueRoom(2, 250);
    CountDownLatch begin = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      threads.add(new Thread(() -> comeAndGo(room, begin)));
    }
    threads.forEach(Thread::start);

    begin.countDown();
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(room.writes()).isZero();
    assertThat(room.bytes()).isZero();
  }

  private static void comeAndGo(QueueRoom room, CountDownLatch begin) {
    try {
      begin.await();
    } catch (InterruptedException e) {
      return;
    }
    for (int i = 0; i < 100_000; i++) {
      if (room.enter(100)) {
        room.leave(100);
      }
    }
  }
}
