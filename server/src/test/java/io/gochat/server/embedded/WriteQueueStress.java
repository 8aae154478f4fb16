package io.gochat.server.embedded;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** The door from the loops to the committer, under real races: run by {@code HandOverStressTest}. */
public final class WriteQueueStress {
  private WriteQueueStress() {}

  /** A write that only remembers who it is and how often it was answered. */
  static final class Numbered extends Write {
    final int number;
    volatile int answers;

    Numbered(int number) {
      this.number = number;
    }

    @Override
    int queuedBytes() {
      return 10;
    }

    @Override
    void stage(Commit commit) {}

    @Override
    void committed() {}

    @Override
    @SuppressWarnings(
        "NonAtomicVolatileUpdate") // a second answer is the failure that is looked for
    void failed() {
      answers++;
    }

    @Override
    void refused(String detail, int retryAfterMs) {}
  }

  /** What {@code taken} holds, as decimal digits, oldest first. */
  private static int digits(int before, @Nullable Write taken) {
    int digits = before;
    for (Write write = taken; write != null; write = write.next) {
      digits = digits * 10 + ((Numbered) write).number;
    }
    return digits;
  }

  /** One caller's writes are taken once each and in its order, wherever the taker looks between them. */
  @JCStressTest
  @Outcome(id = "123", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "lost, doubled or out of order")
  @State
  public static class OneCallersOrder {
    private final WriteQueue queue = new WriteQueue(10, 1_000);
    private int taken;

    @Actor
    public void caller() {
      queue.offer(new Numbered(1));
      queue.offer(new Numbered(2));
      queue.offer(new Numbered(3));
    }

    @Actor
    public void committer() {
      taken = digits(taken, queue.take(0));
      taken = digits(taken, queue.take(0));
    }

    @Arbiter
    public void rest(I_Result result) {
      result.r1 = digits(taken, queue.take(0));
    }
  }

  /** Two callers at once: nothing is lost, and what was released no longer counts. */
  @JCStressTest
  @Outcome(
      id = {"12, 0", "21, 0"},
      expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "lost, doubled, or the bound leaks")
  @State
  public static class TwoCallers {
    private final WriteQueue queue = new WriteQueue(10, 1_000);

    @Actor
    public void one() {
      queue.offer(new Numbered(1));
    }

    @Actor
    public void other() {
      queue.offer(new Numbered(2));
    }

    @Arbiter
    public void committer(II_Result result) {
      Write all = queue.take(0);
      result.r1 = digits(0, all);
      for (Write write = all; write != null; write = write.next) {
        queue.release(write);
      }
      result.r2 = queue.size();
    }
  }

  /** Room for one: exactly one of two gets it, and the refused one leaves no trace. */
  @JCStressTest
  @Outcome(
      id = {"1, 1", "2, 1"},
      expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "over the bound, or both refused")
  @State
  public static class RoomForOne {
    private final WriteQueue queue = new WriteQueue(1, 1_000);

    @Actor
    public void one() {
      queue.offer(new Numbered(1));
    }

    @Actor
    public void other() {
      queue.offer(new Numbered(2));
    }

    @Arbiter
    public void committer(II_Result result) {
      result.r2 = queue.size();
      result.r1 = digits(0, queue.take(0));
    }
  }

  /** A committer about to sleep is woken by the write that it did not see. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "the wake-up was lost: found only when the wait was over")
  @State
  public static class SleepingCommitter {
    private static final long WAIT_NS = TimeUnit.SECONDS.toNanos(4);
    private final WriteQueue queue = new WriteQueue(10, 1_000);

    @Actor
    public void caller() {
      queue.offer(new Numbered(1));
    }

    @Actor
    public void committer(I_Result result) {
      long fromNs = System.nanoTime();
      Write found = queue.take(WAIT_NS);
      while (found == null && System.nanoTime() - fromNs < WAIT_NS) {
        found = queue.take(WAIT_NS); // woken for an earlier write: allowed
      }
      result.r1 = System.nanoTime() - fromNs < WAIT_NS / 2 ? digits(0, found) : -1;
    }
  }

  /** A write that slips in while the committer ends is answered, once: the two last steps of each side. */
  @JCStressTest
  @Outcome(id = "1", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "never answered, or twice")
  @State
  public static class EndingCommitter {
    private final WriteQueue queue = new WriteQueue(10, 1_000);
    private final Numbered late = new Numbered(1);
    private volatile boolean terminated;

    @Actor
    public void caller() {
      queue.offer(late);
      if (terminated) {
        failWaiting();
      }
    }

    @Actor
    public void committer() {
      terminated = true;
      failWaiting();
    }

    private void failWaiting() {
      for (Write write = queue.take(0); write != null; write = write.next) {
        write.failed();
      }
    }

    @Arbiter
    public void answers(I_Result result) {
      result.r1 = late.answers;
    }
  }
}
