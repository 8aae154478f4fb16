package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.ThreadMXBean;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.Topic;
import io.gochat.server.messaging.TopicBatch;
import io.gochat.server.net.Transport;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ResourceLeakDetector;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is thrown costs one connection at most, and nobody a message. */
class FanOutFaultsTest {
  private static final Topic ROOM = FanOutServer.ROOM;
  private static final SeqFormat FORMAT = FanOutServer.FORMATS.get(0);
  private static final SeqFormat OTHER_FORMAT = FanOutServer.FORMATS.get(2);

  private final EmbeddedChannel owner = new EmbeddedChannel();
  private final MemoryLog log = new MemoryLog();
  private final FailingAllocator memory = new FailingAllocator();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Budgets budgets = new Budgets(Budgets.Limits.DEFAULT, meters);
  private final List<Member> members = new ArrayList<>();
  private FanOutLoop loop = fanOut(FanOutOptions.DEFAULT);

  private FanOutLoop fanOut(FanOutOptions options) {
    SweepingFanOut fanOut = new SweepingFanOut(
        log, List.of(owner.eventLoop()), options, budgets, new SimpleMeterRegistry(), memory);
    log.listener(fanOut);
    return fanOut.loopOf(owner.eventLoop());
  }

  @AfterEach
  void nothingIsLeft() {
    members.forEach(Member::leave);
    assertThat(loop.topicsForTest()).isEmpty();
    assertThat(loop.counters.heldBytes).isZero();
    assertThat(budgets.replay().used()).isZero();
  }

  @Test
  void a_page_that_finds_no_memory_is_made_later() {
    commit(ROOM, 5);
    Member member = new Member(FORMAT);
    memory.isEmpty = true;
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    settle();
    assertThat(member.read()).isEmpty();

    memory.isEmpty = false;
    settle();

    assertThat(member.read()).containsExactly("M1", "M2", "M3", "M4", "M5");
  }

  @Test
  void messages_that_find_no_memory_are_read_from_the_log() {
    Member member = new Member(FORMAT);
    Member other = new Member(OTHER_FORMAT);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    other.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    settle();

    memory.isEmpty = true;
    commit(ROOM, 2);
    settle();
    memory.isEmpty = false;
    commit(ROOM, 1);
    settle();

    assertThat(member.heard()).containsExactly("M1", "M2", "M3");
    assertThat(other.heard()).containsExactly("M1", "M2", "M3");
  }

  @Test
  void a_change_of_the_room_that_finds_no_memory_is_told_as_a_count() {
    Member member = new Member(FORMAT);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 1);
    settle();

    memory.isEmpty = true;
    loop.existing(ROOM).appendPresence(1, List.of(), List.of());
    memory.isEmpty = false;
    settle();

    assertThat(member.read()).containsExactly("P0");
  }

  @Test
  void a_gap_that_finds_no_memory_costs_its_own_connection_alone() {
    commit(ROOM, 1);
    Member foreign = new Member(FORMAT);
    Member member = new Member(FORMAT);
    memory.isEmpty = true;
    foreign.subscriber.attach(ROOM, MemoryLog.EPOCH + 1, 1);
    member.subscriber.attach(ROOM, MemoryLog.EPOCH, 2);
    settle();
    memory.isEmpty = false;

    commit(ROOM, 1);
    settle();

    assertThat(foreign.channel.isOpen()).isFalse();
    assertThat(member.read()).containsExactly("M2");
  }

  @Test
  void a_frame_that_was_begun_and_finds_no_memory_for_its_rest_ends_its_connection()
      throws IOException {
    try (FanOutServer server =
        new FanOutServer(Transport.AUTO, FanOutOptions.DEFAULT, Budgets.Limits.DEFAULT, memory)) {
      InetSocketAddress port = server.listen(null);
      SeqClient stalled = server.join(port, null, 0);
      server.log.commit(ROOM, List.of(SeqClient.text(1)));
      stalled.readUntil(1);

      memory.isEmpty = true;
      for (long seq = 2; server.open() > 0 && seq < 10_000; seq++) {
        server.log.commit(ROOM, List.of(SeqClient.text(seq)));
      }
      await().atMost(Duration.ofSeconds(20)).until(() -> server.open() == 0);
      memory.isEmpty = false;

      assertThat(readToTheEnd(stalled)).isInstanceOfAny(EOFException.class, SocketException.class);
      SeqClient next = server.join(port, null, 0);
      next.readUntil(server.log.last(ROOM));
      assertThat(server.failures).isEmpty();
    }
  }

  @Test
  void beyond_its_bound_the_hand_over_holds_one_number_per_topic() {
    ManualEventLoop asleep = new ManualEventLoop();
    HandOver handOver = new HandOver(loop, asleep, 100);
    handOver.batches(List.of(TailLog.batch(ROOM, 1)), 60);
    List<WeakReference<TopicBatch>> let = new ArrayList<>();

    for (long seq = 2; seq < 1_000; seq++) {
      TopicBatch batch = TailLog.batch(ROOM, seq);
      let.add(new WeakReference<>(batch));
      handOver.batches(List.of(batch), 60);
    }

    assertThat(handOver.waitingBytes()).isEqualTo(60);
    assertThat(handOver.waitingEnds()).isEqualTo(1);
    await().atMost(Duration.ofSeconds(20)).until(() -> {
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
    loop = fanOut(new FanOutOptions(rooms * 512L, 8 << 20));
    Member stalled = new Member(FORMAT);
    stalled.room = 100;
    for (long room = 1; room <= rooms; room++) {
      stalled.subscriber.attach(Topic.room(room), MemoryLog.EPOCH, 1);
    }
    settle();
    for (long room = 1; room <= rooms; room++) {
      commit(Topic.room(room), 1);
    }
    settle();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    for (long room = 1; room <= 500; room++) {
      commit(Topic.room(room), 20);
      owner.runPendingTasks();
    }
    long perCommit =
        (threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before) / 500;

    assertThat(loop.counters.dropOuts).isPositive();
    assertThat(loop.counters.heldBytes).isLessThanOrEqualTo(rooms * 512L);
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

  private void commit(Topic topic, int count) {
    List<byte[]> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(new byte[40]);
    }
    log.commit(topic, texts);
  }

  private void settle() {
    for (int i = 0; i < 20; i++) {
      owner.advanceTimeBy(200, TimeUnit.MILLISECONDS);
      owner.runPendingTasks();
      owner.runScheduledPendingTasks();
      loop.run();
      members.forEach(Member::flow);
    }
  }

  /** A member whose socket takes {@code room} bytes. */
  private final class Member implements Connection {
    final TrickleChannel channel = new TrickleChannel();
    final SeqFormat format;
    final LoopSubscriber subscriber;
    private final List<String> heard = new ArrayList<>();
    long room = 1 << 20;

    Member(SeqFormat format) {
      this.format = format;
      this.subscriber = new LoopSubscriber(this, loop);
      members.add(this);
    }

    void flow() {
      channel.allow(room);
      if (room < 1 << 20) {
        room = 0;
      }
    }

    /** What came since the last call. */
    List<String> read() {
      List<String> frames = new ArrayList<>();
      ByteBuffer bytes = ByteBuffer.wrap(channel.take());
      while (bytes.hasRemaining()) {
        assertThat(bytes.get()).isEqualTo(format.mark());
        frames.add((char) bytes.get() + Long.toString(bytes.getLong()));
        bytes.position(bytes.getInt() + bytes.position());
      }
      return frames;
    }

    /** The messages that came since the last call. */
    List<String> heard() {
      heard.addAll(read());
      heard.removeIf(frame -> !frame.startsWith("M"));
      return heard;
    }

    void leave() {
      subscriber.close();
      channel.finishAndReleaseAll();
    }

    @Override
    public Channel channel() {
      return channel;
    }

    @Override
    public long userId() {
      return 1;
    }

    @Override
    public String username() {
      return "u";
    }

    @Override
    public String deviceId() {
      return "";
    }

    @Override
    public String sessionId() {
      return "s";
    }

    @Override
    public WireFormat wireFormat() {
      return format;
    }

    @Override
    public void close(CloseReason reason) {
      channel.close();
    }
  }
}
