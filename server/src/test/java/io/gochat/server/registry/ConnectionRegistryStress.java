package io.gochat.server.registry;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.Collection;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.L_Result;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** Who is connected, under real races: run by {@code HandOverStressTest}. */
public final class ConnectionRegistryStress {
  private ConnectionRegistryStress() {}

  /** Every index says the same; the names of who is in, or what is wrong. */
  private static String indexes(ConnectionRegistry registry) {
    Collection<Connection> ofUser = registry.ofUser(1);
    Collection<Connection> all = registry.all();
    boolean areSame = all.size() == ofUser.size()
        && all.containsAll(ofUser)
        && registry.size() == all.size()
        && registry.sessionIds().size()
            == all.stream().map(Connection::sessionId).distinct().count();
    return areSame
        ? ofUser.toString()
        : "user " + ofUser + " sessions " + all + " size " + registry.size() + " ids "
            + registry.sessionIds();
  }

  /** The same device twice at once: one of them stays, the other is told, and no index keeps it. */
  @JCStressTest
  @Outcome(
      id = {"\\[a\\] 0 1", "\\[b\\] 1 0"},
      expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "both, neither, or an index kept the replaced one")
  @State
  public static class SameDeviceTwice {
    private final ConnectionRegistry registry = new ConnectionRegistry(0);
    private final NamedConnection one = new NamedConnection("phone", "a");
    private final NamedConnection two = new NamedConnection("phone", "b");

    @Actor
    public void one() {
      registry.register(one);
    }

    @Actor
    public void two() {
      registry.register(two);
    }

    @Arbiter
    public void who(L_Result result) {
      result.r1 = indexes(registry) + " " + one.closed + " " + two.closed;
    }
  }

  /** A connection leaves by itself while its successor replaces it. */
  @JCStressTest
  @Outcome(id = "\\[b\\]", expect = ACCEPTABLE)
  @Outcome(
      expect = FORBIDDEN,
      desc = "the successor is missing, or an index kept the one that left")
  @State
  public static class LeaveWhileReplaced {
    private final ConnectionRegistry registry = new ConnectionRegistry(0);
    private final NamedConnection leaving = new NamedConnection("phone", "a");
    private final NamedConnection successor = new NamedConnection("phone", "b");

    public LeaveWhileReplaced() {
      registry.register(leaving);
    }

    @Actor
    public void leave() {
      registry.unregister(leaving);
    }

    @Actor
    public void replace() {
      registry.register(successor);
    }

    @Arbiter
    public void who(L_Result result) {
      result.r1 = indexes(registry);
    }
  }

  /** Two connections of one session: one leaves while the other comes. */
  @JCStressTest
  @Outcome(id = "\\[a\\]", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "the index of sessions lost the one that came")
  @State
  public static class LeaveAndComeOfOneSession {
    private final ConnectionRegistry registry = new ConnectionRegistry(0);
    private final NamedConnection leaving = new NamedConnection("phone", "a");
    private final NamedConnection coming = new NamedConnection("laptop", "a");

    public LeaveAndComeOfOneSession() {
      registry.register(leaving);
    }

    @Actor
    public void leave() {
      registry.unregister(leaving);
    }

    @Actor
    public void come() {
      registry.register(coming);
    }

    @Arbiter
    public void who(L_Result result) {
      result.r1 = indexes(registry);
    }
  }

  /** One connection per user allowed: of two at once exactly one is let in. */
  @JCStressTest
  @Outcome(
      id = {"\\[a\\] true false", "\\[b\\] false true"},
      expect = ACCEPTABLE)
  @Outcome(
      expect = FORBIDDEN,
      desc = "over the limit, or both refused, or an index kept the refused one")
  @State
  public static class LimitOfOne {
    private final ConnectionRegistry registry = new ConnectionRegistry(1);
    private boolean one;
    private boolean two;

    @Actor
    public void one() {
      one = registry.register(new NamedConnection("", "a"));
    }

    @Actor
    public void two() {
      two = registry.register(new NamedConnection("", "b"));
    }

    @Arbiter
    public void who(L_Result result) {
      result.r1 = indexes(registry) + " " + one + " " + two;
    }
  }

  /**
   * A session ends while a connection of it is being let in: who signs in registers, then looks at the session once
   * more; who ends the session marks it ended, then closes its connections. One of the two sees the other.
   */
  @JCStressTest
  @Outcome(
      id = {"1", "2"},
      expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "a connection outlived its session")
  @State
  public static class SessionEndsWhileSigningIn {
    private final ConnectionRegistry registry = new ConnectionRegistry(0);
    private final NamedConnection connection = new NamedConnection("phone", "a");
    private volatile boolean isEnded;

    @Actor
    public void signIn() {
      registry.register(connection);
      if (isEnded) {
        connection.close(CloseReason.REVOKED);
      }
    }

    @Actor
    public void end() {
      isEnded = true;
      registry.ofSession("a").forEach(found -> found.close(CloseReason.REVOKED));
    }

    @Arbiter
    public void closed(I_Result result) {
      result.r1 = connection.closed.get();
    }
  }

  /** A session ends while one of its connections is replaced by one of another session: only the first is closed. */
  @JCStressTest
  @Outcome(id = "true, false", expect = ACCEPTABLE)
  @Outcome(expect = FORBIDDEN, desc = "the wrong connection was closed")
  @State
  public static class SessionEndsWhileReplaced {
    private final ConnectionRegistry registry = new ConnectionRegistry(0);
    private final NamedConnection replaced = new NamedConnection("phone", "a");
    private final NamedConnection successor = new NamedConnection("phone", "b");

    public SessionEndsWhileReplaced() {
      registry.register(replaced);
    }

    @Actor
    public void end() {
      for (Connection found : List.copyOf(registry.ofSession("a"))) {
        found.close(CloseReason.REVOKED);
      }
    }

    @Actor
    public void replace() {
      registry.register(successor);
    }

    @Arbiter
    public void closed(ZZ_Result result) {
      result.r1 = replaced.closed.get() > 0;
      result.r2 = successor.closed.get() > 0;
    }
  }
}
