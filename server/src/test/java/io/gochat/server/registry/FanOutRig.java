package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The fan-out of one loop, whose time and tasks the test moves, with members whose sockets take what it says. */
final class FanOutRig {
  final EmbeddedChannel owner = new EmbeddedChannel();
  final MemoryLog log = new MemoryLog();
  final FailingAllocator memory = new FailingAllocator();
  final Budgets budgets;
  final FanOutLoop loop;
  private final List<Member> members = new ArrayList<>();

  FanOutRig(FanOutOptions options, Budgets.Limits limits) {
    budgets = new Budgets(limits, new SimpleMeterRegistry());
    SweepingFanOut fanOut = new SweepingFanOut(
        log, List.of(owner.eventLoop()), options, budgets, new SimpleMeterRegistry(), memory);
    log.listener(fanOut);
    loop = fanOut.loopOf(owner.eventLoop());
  }

  Member member(SeqFormat format) {
    return member(format, 1);
  }

  Member member(SeqFormat format, long userId) {
    Member member = new Member(format, userId);
    members.add(member);
    return member;
  }

  void commit(Topic topic, int count) {
    commit(topic, count, 40);
  }

  void commit(Topic topic, int count, int bytes) {
    List<byte[]> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(new byte[bytes]);
    }
    log.commit(topic, texts);
  }

  /** Lets four seconds pass in which everything is done that can be done. */
  void settle() {
    for (int i = 0; i < 20; i++) {
      step();
    }
  }

  /** 200 ms. */
  void step() {
    owner.advanceTimeBy(200, TimeUnit.MILLISECONDS);
    owner.runPendingTasks();
    owner.runScheduledPendingTasks();
    loop.run();
    members.forEach(Member::flow);
  }

  /** Everybody leaves; nothing may be left then. */
  void close() {
    members.forEach(Member::leave);
    owner.runPendingTasks();
    assertThat(loop.topics()).isEmpty();
    assertThat(loop.counters.heldBytes).as("bytes of chunks").isZero();
    assertThat(budgets.replay().used()).as("bytes lent").isZero();
  }

  /** A member whose socket takes {@code room} bytes. */
  final class Member implements Connection {
    final TrickleChannel channel = new TrickleChannel();
    final SeqFormat format;
    final LoopSubscriber subscriber;
    private final List<String> heard = new ArrayList<>();
    long room = 1 << 20;

    private final long userId;

    Member(SeqFormat format, long userId) {
      this.format = format;
      this.userId = userId;
      this.subscriber = new LoopSubscriber(this, loop);
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
      return userId;
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
