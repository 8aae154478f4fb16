package io.gochat.bench.load;

import io.gochat.bench.load.UserPool.User;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The three members of a room that do not keep up, one of each {@link Kind}. Between the phases they are members like
 * the others. They are checked like everybody, on a {@link ReceiverLoop} of their own, so that their latencies are not
 * the others'. Confined to the calling thread; the connections live on the first receiving loop.
 */
@SuppressWarnings("EnumOrdinal") // one slot per kind
final class SlowMembers {
  /** How many there are. */
  static final int COUNT = Kind.values().length;

  private static final int READS_PER_S = 4;
  private static final int POLL_MS = 5;

  /** How a member does not keep up. */
  enum Kind {
    /** Reads nothing, and has next to no room in its kernel either; the last to read on. */
    NEVER(4_096, 4_096),
    /** Reads one kilobyte per second. */
    TRICKLE(1_024 / READS_PER_S, 4_096),
    /** Like a process that was stopped: it has the kernel's usual buffers and does not read until it goes on. */
    STOPPED(32 * 1_024, 0);

    private final int readBytes;
    private final int receiveBufferBytes;

    Kind(int readBytes, int receiveBufferBytes) {
      this.readBytes = readBytes;
      this.receiveBufferBytes = receiveBufferBytes;
    }

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final ReceiverLoop loop;
  private final TopicPlan topic;
  private final List<Member> members = new ArrayList<>();

  private SlowMembers(ReceiverLoop loop, TopicPlan topic) {
    this.loop = loop;
    this.topic = topic;
  }

  private static final class Member {
    private final Kind kind;
    private final ReceiverConnection receiver;
    private final Channel channel;
    private @Nullable Future<?> trickle;

    Member(Kind kind, ReceiverConnection receiver, Channel channel) {
      this.kind = kind;
      this.receiver = receiver;
      this.channel = channel;
    }
  }

  /** Connects them; they read like everybody until {@link #slowDown}. */
  static SlowMembers join(
      Loops loops, LoadPlan plan, LoadClock clock, TopicPlan topic, List<User> users)
      throws InterruptedException {
    EventLoop eventLoop = loops.receivers().get(0).eventLoop;
    SlowMembers slow = new SlowMembers(new ReceiverLoop(eventLoop), topic);
    for (Kind kind : Kind.values()) {
      ReceiverConnection receiver =
          new ReceiverConnection(slow.loop, clock, topic, users.get(kind.ordinal() % users.size()));
      ChannelFuture connecting = loops.connectSlow(
          eventLoop, plan.target(), kind.readBytes, kind.receiveBufferBytes, receiver);
      connecting.addListener(done -> {
        Throwable cause = done.cause();
        if (cause != null) {
          receiver
              .ready()
              .completeExceptionally(new LoadFailure("cannot connect: " + cause.getMessage()));
        }
      });
      Loops.await(receiver.ready());
      slow.members.add(new Member(kind, receiver, connecting.channel()));
      Loops.on(eventLoop, () -> slow.loop.receivers.add(receiver));
    }
    return slow;
  }

  /** Where they are checked. */
  ReceiverLoop loop() {
    return loop;
  }

  /** From now on they do not keep up. */
  void slowDown() throws InterruptedException {
    Loops.on(loop.eventLoop, () -> {
      for (Member member : members) {
        member.channel.config().setAutoRead(false);
        if (member.kind == Kind.TRICKLE) {
          member.trickle = loop.eventLoop.scheduleAtFixedRate(
              member.channel::read, 0, 1_000 / READS_PER_S, TimeUnit.MILLISECONDS);
        }
      }
      return 0;
    });
  }

  /** How many messages each lacks, by kind. */
  List<Long> behind() throws InterruptedException {
    return Loops.on(
        loop.eventLoop,
        () -> members.stream().map(m -> m.receiver.behind(topic.lastSeq())).toList());
  }

  /**
   * One after the other reads on until it has everything; whoever reads nothing is the last.
   *
   * @param patienceNs for how long a member may get nothing new
   * @return whether all have everything
   */
  boolean catchUp(long patienceNs) throws InterruptedException {
    for (Kind kind : new Kind[] {Kind.STOPPED, Kind.TRICKLE, Kind.NEVER}) {
      Member member = members.get(kind.ordinal());
      Loops.on(loop.eventLoop, () -> {
        if (member.trickle != null) {
          member.trickle.cancel(false);
          member.trickle = null;
        }
        member.channel.config().setAutoRead(true);
        return 0;
      });
      if (!hasEverything(kind, patienceNs)) {
        return false;
      }
    }
    return true;
  }

  private boolean hasEverything(Kind kind, long patienceNs) throws InterruptedException {
    long best = Long.MAX_VALUE;
    long movedNs = System.nanoTime();
    while (System.nanoTime() - movedNs <= patienceNs) {
      long lacks = behind().get(kind.ordinal());
      if (lacks == 0) {
        return true;
      }
      if (lacks < best) {
        best = lacks;
        movedNs = System.nanoTime();
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
    return false;
  }
}
