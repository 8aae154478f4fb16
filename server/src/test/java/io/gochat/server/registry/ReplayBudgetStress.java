package io.gochat.server.registry;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;

/** The budget of log reads, under real races: run by {@code HandOverStressTest}. */
public final class ReplayBudgetStress {
  private ReplayBudgetStress() {}

  /** Room for one read, wanted by two loops: both run, never together, and afterwards there is room for one. */
  @JCStressTest
  @Outcome(id = "2, 1, true", expect = ACCEPTABLE)
  @Outcome(
      expect = FORBIDDEN,
      desc = "a read was forgotten, ran beside the other, or room was lost or made up")
  @State
  public static class TwoReads {
    private final ReplayBudget budget = new ReplayBudget(ReplayBudget.READ_BYTES);
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();

    private void read() {
      most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
      done.incrementAndGet();
      underWay.decrementAndGet();
      budget.release();
    }

    @Actor
    public void one() {
      budget.acquire(Runnable::run, this::read);
    }

    @Actor
    public void other() {
      budget.acquire(Runnable::run, this::read);
    }

    @Arbiter
    public void roomForOne(IIZ_Result result) {
      result.r1 = done.get();
      result.r2 = most.get();
      AtomicInteger started = new AtomicInteger();
      budget.acquire(Runnable::run, started::incrementAndGet);
      budget.acquire(Runnable::run, started::incrementAndGet);
      result.r3 = started.get() == 1;
    }
  }
}
