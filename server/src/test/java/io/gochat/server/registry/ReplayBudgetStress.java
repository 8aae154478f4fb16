package io.gochat.server.registry;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.gochat.server.bounds.Budgets;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** The room that all loops' replays share, under real races: run by {@code HandOverStressTest}. */
public final class ReplayBudgetStress {
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

  static {
    METERS.config().meterFilter(MeterFilter.deny()); // many budgets, no meters
  }

  private ReplayBudgetStress() {}

  /** Room for one page, wanted by two loops: both get it, never together, and afterwards nothing is used. */
  @JCStressTest
  @Outcome(id = "2, 1, 0", expect = ACCEPTABLE)
  @Outcome(
      expect = FORBIDDEN,
      desc = "a page was forgotten, lent beside the other, or room was lost or made up")
  @State
  public static class TwoPages {
    private static final long PAGE = ReplayBudget.PAGE_BYTES;

    private final Budgets budgets =
        new Budgets(new Budgets.Limits(PAGE, PAGE, PAGE, PAGE, PAGE), METERS);
    private final ReplayBudget budget = new ReplayBudget(budgets);
    private final AtomicInteger lent = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final AtomicInteger done = new AtomicInteger();
    private final Loan one = loan(1);
    private final Loan other = loan(2);

    private Loan loan(long userId) {
      return budget.open(InetAddress.getLoopbackAddress(), userId, Runnable::run, () -> {});
    }

    private void lend(Loan loan) {
      loan.takePage(() -> {
        most.accumulateAndGet(lent.incrementAndGet(), Math::max);
        done.incrementAndGet();
        lent.decrementAndGet();
        loan.returnPage();
      });
    }

    @Actor
    public void one() {
      lend(one);
    }

    @Actor
    public void other() {
      lend(other);
    }

    @Arbiter
    public void nothingIsLent(III_Result result) {
      result.r1 = done.get();
      result.r2 = most.get();
      result.r3 = (int) budgets.replay().used();
    }
  }
}
