package io.gochat.server.bounds;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.ZZJ_Result;

/** Budgets under real races: run by {@code HandOverStressTest}. */
public final class BudgetStress {
  private static final InetAddress CLIENT = InetAddress.getLoopbackAddress();
  private static final SimpleMeterRegistry METERS = new SimpleMeterRegistry();

  private BudgetStress() {}

  private static Budgets withRoomFor(long bytes) {
    return new Budgets(new Budgets.Limits(160, 100, bytes, 160, bytes), METERS);
  }

  /** Two connections of one user want all the room there is: one gets it. */
  @JCStressTest
  @Outcome(
      id = {"true, false, 100", "false, true, 100"},
      expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "both got it, nobody did, or the sum is wrong")
  @State
  public static class RoomForOne {
    private final Budgets budgets = withRoomFor(100);
    private final Holder one = budgets.holder(CLIENT);
    private final Holder other = budgets.holder(CLIENT);

    @Actor
    public void one(ZZJ_Result result) {
      result.r1 = one.reserve(budgets.in(), 100);
    }

    @Actor
    public void other(ZZJ_Result result) {
      result.r2 = other.reserve(budgets.in(), 100);
    }

    @Arbiter
    public void used(ZZJ_Result result) {
      result.r3 = budgets.in().used();
    }
  }

  /** An answer is reserved while its connection ends: nothing stays. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE)
  @Outcome(
      expect = FORBIDDEN,
      desc = "bytes that nobody will give back, or a party that nobody will forget")
  @State
  public static class ReserveAgainstClose {
    private final Budgets budgets = withRoomFor(100);
    private final Holder holder = budgets.holder(CLIENT);

    @Actor
    public void reserve() {
      holder.reserve(budgets.in(), 60);
      holder.user(7);
    }

    @Actor
    public void close() {
      holder.close();
    }

    @Arbiter
    public void rest(JJ_Result result) {
      result.r1 = budgets.in().used();
      result.r2 =
          (long) budgets.ledger().users().size() + budgets.ledger().addresses().size();
    }
  }

  /** What was held by nobody is given back while its user becomes known: neither keeps any of it. */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE)
  @Outcome(
      expect = FORBIDDEN,
      desc = "the user is charged for what was given back, or has a credit")
  @State
  public static class SignInAgainstRelease {
    private final Budgets budgets = withRoomFor(100);
    private final Party user = budgets.ledger().users().enter(7L);
    private final Holder holder = budgets.holder(CLIENT);

    {
      holder.reserve(budgets.in(), 60);
    }

    @Actor
    public void signIn() {
      holder.user(7);
    }

    @Actor
    public void release() {
      holder.release(budgets.in(), 60);
    }

    @Arbiter
    public void rest(JJ_Result result) {
      result.r1 = budgets.in().used();
      result.r2 = user.held(budgets.in().main().index());
    }
  }

  /** One connection of an address ends while another begins: what the second holds is the address's. */
  @JCStressTest
  @Outcome(id = "60, 1", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "the address has two parties, or none")
  @State
  public static class EnterAgainstLeave {
    private final Budgets budgets = withRoomFor(100);
    private final Holder first = budgets.holder(CLIENT);

    @Actor
    public void leave() {
      first.close();
    }

    @Actor
    public void enter() {
      budgets.holder(CLIENT).reserve(budgets.in(), 60);
    }

    @Arbiter
    public void held(JJ_Result result) {
      Party address = budgets.ledger().addresses().enter(AddressKey.of(CLIENT));
      result.r1 = address.held(budgets.in().main().index());
      result.r2 = budgets.ledger().addresses().size();
    }
  }
}
