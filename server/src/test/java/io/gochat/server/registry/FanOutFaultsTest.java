package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.net.Transport;
import io.netty.util.ResourceLeakDetector;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is thrown costs one connection at most, and nobody a message. */
class FanOutFaultsTest {
  private static final Topic ROOM = FanOutServer.ROOM;
  private static final SeqFormat FORMAT = FanOutServer.FORMATS.get(0);
  private static final SeqFormat OTHER_FORMAT = FanOutServer.FORMATS.get(2);

  private FanOutRig rig = new FanOutRig(FanOutOptions.DEFAULT, Budgets.Limits.DEFAULT);

  @AfterEach
  void nothingIsLeft() {
    rig.close();
  }

  @Test
  void a_page_that_finds_no_memory_is_made_later() {
    rig.commit(ROOM, 5);
    FanOutRig.Member member = rig.member(FORMAT);
    rig.memory.isEmpty = true;
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.settle();
    assertThat(member.read()).isEmpty();

    rig.memory.isEmpty = false;
    rig.settle();

    assertThat(member.read()).containsExactly("M1", "M2", "M3", "M4", "M5");
  }

  @Test
  void messages_that_find_no_memory_are_read_from_the_log() {
    FanOutRig.Member member = rig.member(FORMAT);
    FanOutRig.Member other = rig.member(OTHER_FORMAT);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    other.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.settle();

    rig.memory.isEmpty = true;
    rig.commit(ROOM, 2);
    rig.settle();
    rig.memory.isEmpty = false;
    rig.commit(ROOM, 1);
    rig.settle();

    assertThat(member.heard()).containsExactly("M1", "M2", "M3");
    assertThat(other.heard()).containsExactly("M1", "M2", "M3");
  }

  @Test
  void a_second_chunk_that_finds_no_memory_takes_the_first_with_it_once() {
    FanOutRig.Member member = rig.member(FORMAT);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.settle();

    rig.memory.emptyAfter(1);
    rig.commit(ROOM, 2, 40_000);
    rig.owner.runPendingTasks();
    rig.memory.isEmpty = false;

    assertThat(rig.loop.counters.heldBytes).isZero();
    rig.settle();
    assertThat(member.heard()).containsExactly("M1", "M2");
  }

  @Test
  void what_is_told_while_the_log_is_read_is_read_too() {
    rig = new FanOutRig(new FanOutOptions(1 << 20, 10), Budgets.Limits.DEFAULT); // ends alone
    FanOutRig.Member member = rig.member(FORMAT);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.settle();

    rig.log.readGate = new CompletableFuture<>();
    rig.commit(ROOM, 1);
    rig.settle(); // the read has seen the first alone
    rig.commit(ROOM, 1);
    rig.settle();
    rig.log.readGate.complete(null);
    rig.settle();

    assertThat(member.heard()).containsExactly("M1", "M2");
  }

  @Test
  void a_topic_whose_log_throws_is_opened_later() {
    FanOutRig.Member member = rig.member(FORMAT);
    rig.log.isBroken = true;
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.settle();
    assertThat(rig.loop.counters.failures).isPositive();

    rig.log.isBroken = false;
    rig.settle();
    rig.commit(ROOM, 2);
    rig.settle();

    assertThat(member.heard()).containsExactly("M1", "M2");
  }

  @Test
  void a_change_of_the_room_that_finds_no_memory_is_told_as_a_count() {
    FanOutRig.Member member = rig.member(FORMAT);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    rig.settle();

    rig.memory.isEmpty = true;
    Objects.requireNonNull(rig.loop.existing(ROOM)).appendPresence(1, List.of(), List.of());
    rig.memory.isEmpty = false;
    rig.settle();

    assertThat(member.read()).containsExactly("P0");
  }

  @Test
  void a_gap_that_finds_no_memory_costs_its_own_connection_alone() {
    rig.commit(ROOM, 1);
    FanOutRig.Member foreign = rig.member(FORMAT);
    FanOutRig.Member member = rig.member(FORMAT);
    rig.memory.isEmpty = true;
    foreign.subscriber.attach(ROOM, MemoryLog.EPOCH + 1, 1);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 2);
    rig.settle();
    rig.memory.isEmpty = false;

    rig.commit(ROOM, 1);
    rig.settle();

    assertThat(foreign.channel.isOpen()).isFalse();
    assertThat(member.read()).containsExactly("M2");
  }

  @Test
  void a_frame_that_was_begun_and_finds_no_memory_for_its_rest_ends_its_connection()
      throws IOException {
    try (FanOutServer server = new FanOutServer(
        Transport.AUTO, FanOutOptions.DEFAULT, Budgets.Limits.DEFAULT, rig.memory)) {
      InetSocketAddress port = server.listen(null);
      SeqClient stalled = server.join(port, null, 0);
      server.log.commit(ROOM, List.of(SeqClient.text(1)));
      stalled.readUntil(1);

      rig.memory.isEmpty = true;
      for (long seq = 2; server.open() > 0 && seq < 10_000; seq++) {
        server.log.commit(ROOM, List.of(SeqClient.text(seq)));
      }
      await().atMost(Duration.ofSeconds(30)).until(() -> server.open() == 0);
      rig.memory.isEmpty = false;

      assertThat(readToTheEnd(stalled)).isInstanceOfAny(EOFException.class, SocketException.class);
      SeqClient next = server.join(port, null, 0);
      next.readUntil(server.log.last(ROOM));
      assertThat(server.failures).isEmpty();
    }
  }

  @Test
  void beyond_its_bound_the_hand_over_holds_one_number_per_topic() {
    ManualEventLoop asleep = new ManualEventLoop();
    HandOver handOver = new HandOver(rig.loop, asleep, 100);
    handOver.batches(List.of(TailLog.batch(ROOM, 1)), 60);
    List<WeakReference<TopicBatch>> let = new ArrayList<>();

    for (long seq = 2; seq < 1_000; seq++) {
      TopicBatch batch = TailLog.batch(ROOM, seq);
      let.add(new WeakReference<>(batch));
      handOver.batches(List.of(batch), 60);
    }

    assertThat(handOver.waitingBytes()).isEqualTo(60);
    assertThat(handOver.waitingEnds()).isEqualTo(1);
    await().atMost(Duration.ofSeconds(30)).until(() -> {
      System.gc();
      return let.stream().allMatch(batch -> batch.get() == null);
    });
    asleep.runTasks();
    assertThat(handOver.waitingEnds()).isZero();
  }

  @Test
  void bounding_the_chunks_costs_what_is_dropped_and_not_what_is_held() {
    ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED); // it allocates more
    try {
      assertThat(allocatedPerCommitOverTheBound(3_000)).isLessThan(50_000);
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private long allocatedPerCommitOverTheBound(int rooms) {
    rig = new FanOutRig(new FanOutOptions(rooms * 512L, 8 << 20), Budgets.Limits.DEFAULT);
    FanOutRig.Member stalled = rig.member(FORMAT);
    stalled.room = 100;
    for (long room = 1; room <= rooms; room++) {
      stalled.subscriber.attach(Topic.room(room), MemoryLog.EPOCH, 1);
    }
    rig.settle();
    for (long room = 1; room <= rooms; room++) {
      rig.commit(Topic.room(room), 1);
    }
    rig.settle();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    for (long room = 1; room <= 500; room++) {
      rig.commit(Topic.room(room), 20);
      rig.owner.runPendingTasks();
    }
    long perCommit =
        (threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before) / 500;

    assertThat(rig.loop.counters.dropOuts).isPositive();
    assertThat(rig.loop.counters.heldBytes).isLessThanOrEqualTo(rooms * 512L);
    return perCommit;
  }

  private static Throwable readToTheEnd(SeqClient client) {
    try {
      client.readUntil(Long.MAX_VALUE);
      return new AssertionError("no end");
    } catch (IOException e) {
      return e;
    }
  }
}
