package io.gochat.server.registry;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.gochat.server.bounds.Budgets;
import io.gochat.server.messaging.Topic;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.IZ_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The door from the committer to the loops, and the interest of a loop in a topic, under real races: run by
 * {@code HandOverStressTest}.
 */
public final class HandOverStress {
  private static final Topic ROOM = Topic.room(1);
  private static final Topic OTHER_ROOM = Topic.room(2);
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

  static {
    METERS.config().meterFilter(MeterFilter.deny()); // many fan-outs, no meters
  }

  private HandOverStress() {}

  /** A fan-out over loops that run when told to. */
  private static final class Rig {
    final TailLog log = new TailLog();
    final ManualEventLoop one = new ManualEventLoop();
    final ManualEventLoop two = new ManualEventLoop();
    final SweepingFanOut fanOut;

    Rig(long handOverBytes) {
      fanOut = new SweepingFanOut(
          log,
          List.of(one, two),
          new FanOutOptions(1 << 20, handOverBytes),
          new Budgets(Budgets.Limits.DEFAULT, METERS),
          METERS);
    }

    /** The committer's order of steps: the tail is published, then the listener told. */
    void commit(Topic topic, long seq) {
      log.tail = seq;
      fanOut.committed(List.of(TailLog.batch(topic, seq)));
    }
  }

  /** Whatever the loop does meanwhile, events arrive once each and in order, and no wake-up is lost. */
  @JCStressTest
  @Outcome(id = "123, 1", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "lost, doubled, out of order, or several tasks waited")
  @State
  public static class OneTaskAtMost {
    private final Rig rig = new Rig(1_000);
    private final FanOutLoop loop = rig.fanOut.loopOf(rig.one);
    private int applied;

    @Actor
    public void committer() {
      loop.handOver.task(() -> applied = applied * 10 + 1);
      loop.handOver.task(() -> applied = applied * 10 + 2);
      loop.handOver.task(() -> applied = applied * 10 + 3);
    }

    @Actor
    public void eventLoop() {
      rig.one.runTasks();
      rig.one.runTasks();
    }

    @Arbiter
    public void rest(II_Result result) {
      rig.one.runTasks();
      result.r1 = applied;
      result.r2 = rig.one.mostWaiting.get();
    }
  }

  /** Two threads hand over to a sleeping loop: one task for both. */
  @JCStressTest
  @Outcome(id = "3, 1", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "an event was lost or doubled, or a task for each")
  @State
  public static class TwoHandOvers {
    private final Rig rig = new Rig(1_000);
    private final FanOutLoop loop = rig.fanOut.loopOf(rig.one);
    private int applied;

    @Actor
    public void committer() {
      loop.handOver.task(() -> applied += 1);
    }

    @Actor
    public void presence() {
      loop.handOver.task(() -> applied += 2);
    }

    @Arbiter
    public void eventLoop(II_Result result) {
      rig.one.runTasks();
      result.r1 = applied;
      result.r2 = rig.one.mostWaiting.get();
    }
  }

  /**
   * Room for the bytes of one batch: the other one's topic is told by its end alone and read from the log. Both topics
   * get there, the bound holds, and everything handed over is given back.
   */
  @JCStressTest
  @Outcome(id = "2, 60, 0", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "a batch was lost, or the bound was passed or leaks")
  @State
  public static class BoundedBytes {
    private final Rig rig = new Rig(100);
    private final FanOutLoop loop = rig.fanOut.loopOf(rig.one);

    public BoundedBytes() {
      loop.topic(ROOM);
      loop.topic(OTHER_ROOM);
      rig.one.runTasks();
      rig.log.tail = 1;
    }

    @Actor
    public void committer() {
      loop.handOver.batches(List.of(TailLog.batch(ROOM, 1)), 60);
    }

    @Actor
    public void other() {
      loop.handOver.batches(List.of(TailLog.batch(OTHER_ROOM, 1)), 60);
    }

    @Arbiter
    public void eventLoop(III_Result result) {
      result.r2 = (int) loop.handOver.waitingBytes();
      rig.one.runTasks();
      result.r1 = (int) (loop.topic(ROOM).end() + loop.topic(OTHER_ROOM).end());
      result.r3 = (int) loop.handOver.waitingBytes();
    }
  }

  /**
   * The first member of a room on a loop, and a commit into that room: interest first, then the tail, against tail first,
   * then the interests. Either the loop reads the message's sequence as the tail or it is handed over.
   */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "the message was missed")
  @State
  public static class InterestAgainstTail {
    private final Rig rig = new Rig(1_000);
    private final FanOutLoop loop = rig.fanOut.loopOf(rig.one);

    @Actor
    public void committer() {
      rig.commit(ROOM, 1);
    }

    @Actor
    public void eventLoop() {
      loop.topic(ROOM);
      rig.one.runTasks();
    }

    @Arbiter
    public void rest(I_Result result) {
      rig.one.runTasks();
      result.r1 = (int) loop.topic(ROOM).end();
    }
  }

  /** The last member leaves on one loop while the first comes on another: the one that came hears what follows. */
  @JCStressTest
  @Outcome(id = "1, true", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "the room's interest was lost, or the store stopped watching")
  @State
  public static class LeaveAgainstJoin {
    private final Rig rig = new Rig(1_000);
    private final FanOutLoop joining = rig.fanOut.loopOf(rig.one);
    private final FanOutLoop leaving = rig.fanOut.loopOf(rig.two);
    private final LocalTopic left = leaving.topic(ROOM);

    public LeaveAgainstJoin() {
      rig.two.runTasks();
    }

    @Actor
    public void join() {
      joining.topic(ROOM);
    }

    @Actor
    public void leave() {
      leaving.close(left);
    }

    @Arbiter
    public void commit(IZ_Result result) {
      rig.one.runTasks();
      rig.commit(ROOM, 1);
      rig.one.runTasks();
      result.r1 = (int) joining.topic(ROOM).end();
      result.r2 = rig.log.isWatched;
    }
  }
}
