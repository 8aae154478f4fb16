package io.gochat.server;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.Outcome;

/**
 * Plays a jcstress test of two actors in this JVM for a moment, without its probing and forking: a short look with every
 * test run. What jcstress does with compilers and CPUs, it does not. Used by one thread.
 */
final class Race {
  private static final int BATCH = 256;
  private static final int HEAD_START = 256;
  private static final int SPINS = 2_000;

  private final Constructor<?> newState;
  private final Constructor<?> newResult;
  private final List<Method> actors = new ArrayList<>();
  private final List<Method> arbiters = new ArrayList<>();
  private final Outcome[] outcomes;

  private final Side mine = new Side();
  private final Side theirs = new Side();
  private volatile Object[] states = {};
  private volatile Object[] results = {};
  private volatile boolean isOver;

  /** How far one of the two threads is; only it writes. */
  private static final class Side {
    volatile long reached;
  }

  Race(Class<?> test) throws NoSuchMethodException {
    newState = test.getDeclaredConstructor();
    Class<?> resultType = null;
    for (Method method : test.getDeclaredMethods()) {
      boolean isActor = method.isAnnotationPresent(Actor.class);
      if (isActor || method.isAnnotationPresent(Arbiter.class)) {
        (isActor ? actors : arbiters).add(method);
        resultType = method.getParameterCount() == 1 ? method.getParameterTypes()[0] : resultType;
      }
    }
    if (actors.size() != 2 || resultType == null) {
      throw new IllegalArgumentException(test + ": two actors and a result are wanted");
    }
    newResult = resultType.getDeclaredConstructor();
    outcomes = test.getAnnotationsByType(Outcome.class);
  }

  /** Plays for about {@code time}; how often each result came. */
  Map<String, Long> play(Duration time) throws Exception {
    CompletableFuture<Void> other = new CompletableFuture<>();
    Thread thread = new Thread(() -> playOther(other), "race");
    thread.setDaemon(true);
    thread.start();
    Map<String, Long> counts = new TreeMap<>();
    long startNs = System.nanoTime();
    try {
      while (System.nanoTime() - startNs < time.toNanos() && !other.isDone()) {
        prepare();
        meet(mine, theirs);
        act(actors.get(0), mine, theirs, 0);
        meet(mine, theirs);
        judge(counts);
      }
    } finally {
      isOver = true;
      mine.reached = Long.MAX_VALUE;
    }
    other.join();
    return counts;
  }

  /** Whether the test's own annotations allow this result. */
  boolean isAllowed(String result) {
    for (Outcome outcome : outcomes) {
      for (String id : outcome.id()) {
        if (result.equals(id) || (!id.isEmpty() && result.matches(id))) {
          return outcome.expect() != Expect.FORBIDDEN;
        }
      }
    }
    return false;
  }

  private void playOther(CompletableFuture<Void> over) {
    try {
      meet(theirs, mine);
      while (!isOver) {
        act(actors.get(1), theirs, mine, HEAD_START / 2);
        meet(theirs, mine);
        meet(theirs, mine); // while the other one judges and prepares
      }
      over.complete(null);
    } catch (Throwable failure) {
      theirs.reached = Long.MAX_VALUE;
      over.completeExceptionally(failure);
    }
  }

  private void prepare() throws ReflectiveOperationException {
    Object[] fresh = new Object[BATCH];
    Object[] blank = new Object[BATCH];
    for (int i = 0; i < BATCH; i++) {
      fresh[i] = newState.newInstance();
      blank[i] = newResult.newInstance();
    }
    states = fresh;
    results = blank;
  }

  // Each round one of the two has another head start, so that every pair of steps meets some time.
  private void act(Method actor, Side self, Side other, int phase)
      throws ReflectiveOperationException {
    Object[] on = states;
    Object[] into = results;
    for (int i = 0; i < BATCH; i++) {
      meet(self, other);
      int wait = Math.max(0, (i + phase) % HEAD_START - HEAD_START / 2);
      while (wait > 0 && self.reached > 0) { // a volatile read is about a nanosecond
        wait--;
      }
      call(actor, on[i], into[i]);
    }
  }

  private void judge(Map<String, Long> counts) throws ReflectiveOperationException {
    for (int i = 0; i < BATCH; i++) {
      for (Method arbiter : arbiters) {
        call(arbiter, states[i], results[i]);
      }
      counts.merge(results[i].toString(), 1L, Long::sum);
    }
  }

  private static void call(Method method, Object state, Object result)
      throws ReflectiveOperationException {
    try {
      if (method.getParameterCount() == 0) {
        method.invoke(state);
      } else {
        method.invoke(state, result);
      }
    } catch (InvocationTargetException e) {
      throw new AssertionError(method + " threw", e.getCause());
    }
  }

  /** Returns when both are here: at the same time, but for the time that a cache line takes. */
  @SuppressWarnings({"NonAtomicVolatileUpdate", "ThreadPriorityCheck"
  }) // one writer; a spin that gives way
  private static void meet(Side self, Side other) {
    long target = self.reached + 1;
    self.reached = target;
    for (int spins = 0; other.reached < target; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }
}
