package io.gochat.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.protocol.Member;
import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.LoggedMessage;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Joins, leaves, commits, log reads, lost notifications, retention, changes of epoch and full sockets, in thousands of
 * random orders, among members of two wire formats: every member's stream is judged against what the protocol promises.
 */
class FanOutModelTest {
  private static final int RUNS = Integer.getInteger("gochat.fanout.interleavings", 500);
  private static final int STEPS = 140;

  /** Two pages of the log at a time. */
  private static final Budgets.Limits SMALL = new Budgets.Limits(
      1 << 20, 16L * ReplayBudget.PAGE_BYTES, 1 << 20, 2L * ReplayBudget.PAGE_BYTES, 1 << 20);

  private static final List<MarkedFormat> FORMATS =
      List.of(new MarkedFormat('.', 0), new MarkedFormat('!', 17));

  @Test
  void replay_meets_live_without_hole_or_overlap_in_any_order() {
    long firstSeed = Long.getLong("gochat.seed", System.nanoTime());
    System.out.println("fan-out interleavings: first seed " + firstSeed + ", " + RUNS + " runs");

    for (int run = 0; run < RUNS; run++) {
      long seed = firstSeed + run;
      try {
        new Run(seed).play();
      } catch (Throwable failure) {
        throw new AssertionError("seed " + seed, failure);
      }
    }
  }

  private static final class Run {
    final Random random;
    final ManualLog log;
    final EmbeddedChannel loopOwner = new EmbeddedChannel();
    final Budgets budgets = new Budgets(SMALL, new SimpleMeterRegistry());
    final SweepingFanOut fanOut;
    final FanOutLoop loop;
    final List<Client> clients = new ArrayList<>();
    final List<Topic> topics = List.of(Topic.room(1), Topic.room(2), Topic.inbox(1));
    boolean epochMayChange;

    Run(long seed) {
      random = new Random(seed);
      log = new ManualLog(random);
      EventLoop eventLoop = loopOwner.eventLoop();
      long memory = random.nextInt(4) == 0 ? 1_500 : 1 << 20;
      long handOver = random.nextInt(4) == 0 ? 60 : 1 << 20;
      FanOutOptions options = new FanOutOptions(memory, handOver);
      fanOut =
          new SweepingFanOut(log, List.of(eventLoop), options, budgets, new SimpleMeterRegistry());
      loop = fanOut.loopOf(eventLoop);
      epochMayChange = random.nextInt(5) == 0;
      for (int i = 0; i < 2 + random.nextInt(5); i++) {
        clients.add(new Client());
      }
    }

    void play() {
      for (int step = 0; step < STEPS; step++) {
        step(random.nextInt(100));
        loop.topics().forEach(LocalTopic::checkInvariants);
        clients.forEach(Client::judge);
      }
      settle();
      clients.forEach(Client::mustBeComplete);
      clients.forEach(Client::close);
      assertThat(loop.topics()).isEmpty();
      assertThat(loop.counters.heldBytes)
          .as("bytes of chunks held after everybody left")
          .isZero();
      assertThat(budgets.replay().used()).as("bytes lent after everybody left").isZero();
      loopOwner.finishAndReleaseAll();
    }

    private void step(int die) {
      Topic topic = topics.get(random.nextInt(topics.size()));
      Client client = clients.get(random.nextInt(clients.size()));
      if (die < 22) {
        log.commit(topic, 1 + random.nextInt(6));
      } else if (die < 38) {
        log.notifyNext(fanOut);
      } else if (die < 40) {
        log.loseNext(fanOut);
      } else if (die < 58) {
        log.answerOneRead();
      } else if (die < 68) {
        runLoop();
      } else if (die < 78) {
        loop.run();
      } else if (die < 86) {
        client.channel.allow(random.nextInt(5) == 0 ? 100_000 : random.nextInt(80));
      } else if (die < 93) {
        client.join(topic);
      } else if (die < 96) {
        client.leave(topic);
      } else if (die < 98) {
        log.trim(topic, random.nextInt(12));
      } else if (die < 99) {
        fanOut.presenceChanged(1, 1, List.of(), List.of());
      } else if (epochMayChange) {
        log.startEpoch(fanOut);
      }
    }

    private void runLoop() {
      loopOwner.advanceTimeBy(200, TimeUnit.MILLISECONDS);
      loopOwner.runPendingTasks();
      loopOwner.runScheduledPendingTasks();
    }

    private void settle() {
      for (int i = 0; i < 3_000; i++) {
        clients.forEach(client -> client.channel.allow(10_000));
        log.notifyNext(fanOut);
        log.answerOneRead();
        runLoop();
        loop.run();
        clients.forEach(Client::judge);
        if (i > 40
            && !log.hasPendingReads()
            && !log.hasPendingNotifications()
            && !loop.pending()
            && isDone()) {
          return;
        }
        if (i % 50 == 49) {
          // what a lost last notification is noticed by: a periodic look at the positions
          topics.forEach(topic -> fanOut.advanced(topic, log.last(topic)));
        }
      }
    }

    private boolean isDone() {
      return clients.stream().allMatch(Client::isComplete);
    }

    private final class Client implements Connection {
      final TrickleChannel channel = new TrickleChannel();
      final MarkedFormat format = FORMATS.get(random.nextInt(FORMATS.size()));
      final LoopSubscriber subscriber = new LoopSubscriber(this, loop);
      final Map<Topic, Long> expected = new HashMap<>();
      byte[] rest = new byte[0];

      void join(Topic topic) {
        long last = log.last(topic);
        long next = random.nextBoolean() ? last + 1 : 1 + random.nextInt((int) last + 1);
        // A restart of a topic follows its Joined: the marker stands for it in the stream.
        ByteBuf marker = channel.alloc().buffer();
        format.write(marker, 'J', topic, next, 0);
        channel.unsafe().write(marker, channel.unsafe().voidPromise());
        subscriber.attach(topic, log.epoch(), next);
      }

      void leave(Topic topic) {
        subscriber.detach(topic);
        ByteBuf marker = channel.alloc().buffer();
        format.write(marker, 'L', topic, 0, 0);
        channel.unsafe().write(marker, channel.unsafe().voidPromise());
      }

      void judge() {
        byte[] taken = channel.take();
        ByteBuffer bytes = ByteBuffer.allocate(rest.length + taken.length);
        bytes.put(rest).put(taken).flip();
        while (bytes.remaining() >= MarkedFormat.HEADER_BYTES) {
          bytes.mark();
          char type = (char) bytes.get();
          boolean inbox = bytes.get() == 1;
          Topic topic = inbox ? Topic.inbox(bytes.getLong()) : Topic.room(bytes.getLong());
          long seq = bytes.getLong();
          int extra = bytes.getInt();
          assertThat((char) bytes.get()).as("format").isEqualTo(format.mark);
          if (bytes.remaining() < extra) {
            bytes.reset();
            break;
          }
          bytes.position(bytes.position() + extra);
          heard(type, topic, seq);
        }
        rest = new byte[bytes.remaining()];
        bytes.get(rest);
      }

      private void heard(char type, Topic topic, long seq) {
        switch (type) {
          case 'J' -> expected.put(topic, seq);
          case 'L' -> expected.remove(topic);
          case 'P' -> assertThat(expected).as("presence of a left room").containsKey(topic);
          case 'G' -> expected.put(topic, seq + 1);
          case 'E' -> assertThat(seq + 1).as("an empty gap").isEqualTo(expected.get(topic));
          case 'M' -> {
            assertThat(expected).as("delivery of a topic that was left").containsKey(topic);
            assertThat(seq).as(topic + " sequence").isEqualTo(expected.get(topic));
            expected.put(topic, seq + 1);
          }
          default -> throw new AssertionError("torn frame: " + (int) type);
        }
      }

      boolean isComplete() {
        return expected.entrySet().stream()
            .allMatch(entry -> entry.getValue() == log.last(entry.getKey()) + 1);
      }

      void mustBeComplete() {
        assertThat(rest).isEmpty();
        expected.forEach(
            (topic, next) -> assertThat(next).as(topic + " next").isEqualTo(log.last(topic) + 1));
      }

      void close() {
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
        throw new AssertionError("closed: " + reason);
      }
    }
  }

  /** Frames that tell what they carry: a header, in which a mark stands for the format, and as many zeros as it says. */
  private static final class MarkedFormat implements WireFormat {
    private static final int HEADER_BYTES = 23;

    private final char mark;
    private final int padding;

    MarkedFormat(char mark, int padding) {
      this.mark = mark;
      this.padding = padding;
    }

    void write(ByteBuf out, char type, Topic topic, long seq, int extra) {
      out.writeByte(type);
      out.writeByte(topic.isInbox() ? 1 : 0);
      out.writeLong(topic.id());
      out.writeLong(seq);
      out.writeInt(extra);
      out.writeByte(mark);
      out.writeZero(extra);
    }

    @Override
    public int messageSize(LoggedMessage message) {
      return HEADER_BYTES + message.bytes().length + padding;
    }

    @Override
    public void writeMessage(LoggedMessage message, ByteBuf out) {
      ByteBuffer bytes = ByteBuffer.wrap(message.bytes());
      Topic topic = bytes.get() == 1 ? Topic.inbox(bytes.getLong()) : Topic.room(bytes.getLong());
      write(out, 'M', topic, message.seq(), message.bytes().length + padding);
    }

    @Override
    public void writeGap(Topic topic, long fromSeq, long toSeq, long epoch, ByteBuf out) {
      write(out, fromSeq == toSeq + 1 ? 'E' : 'G', topic, toSeq, 0);
    }

    @Override
    public void writePresence(
        long roomId, int count, List<Member> joined, List<Member> left, ByteBuf out) {
      write(out, 'P', Topic.room(roomId), 0, 0);
    }
  }
}
