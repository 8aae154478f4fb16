package io.gochat.bench.hooks;

import io.gochat.bench.common.Spread;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./gochat load webhooks}. Not thread-safe. */
@Command(
    name = "webhooks",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what a webhook costs: publishes per CPU second of the server with one and without, in turns; events a second"
          + " to an endpoint on loopback; and the p99 of publishes while the endpoint hangs, in turns.",
      "What with one costs includes telling every event. The goal is that of one publish under way, which has a commit to"
          + " itself; beside it stands what 64 at once cost, which share theirs. Exit status: 0 the goals were reached, 1 one was not, 2 the run was not"
          + " possible."
    })
public final class HooksCommand implements Callable<Integer> {
  private static final double LEAST_RATIO = 0.85;
  private static final double LEAST_EVENTS = 5_000;
  private static final double MOST_P99_RATIO = 1.1;
  private static final double P99 = 0.99;
  private static final int FULL = 64;
  private static final double MOST_SECONDS = 600;
  private static final long TICK_NANOS = 5_000_000;
  private static final long DRAIN_NANOS = 120_000_000_000L;

  @Option(names = "--pairs", defaultValue = "7", description = "turns; default ${DEFAULT-VALUE}")
  private int pairs = 7;

  @Option(
      names = "--seconds",
      defaultValue = "5",
      description = "of each turn; default ${DEFAULT-VALUE}")
  private double seconds = 5;

  @Option(
      names = "--rooms",
      defaultValue = "100",
      description = "that are published to in turn; default ${DEFAULT-VALUE}")
  private int rooms = 100;

  @Option(
      names = "--rate",
      defaultValue = "500",
      description = "publishes a second while the endpoint hangs; default ${DEFAULT-VALUE}")
  private int rate = 500;

  @Option(
      names = "--events",
      defaultValue = "50000",
      description = "that wait for the endpoint, and are told at once; default ${DEFAULT-VALUE}")
  private int events = 50_000;

  @Override
  public Integer call() throws InterruptedException {
    try (HookSink sink = new HookSink();
        HookRig with = new HookRig(sink, rooms);
        HookRig without = new HookRig(null, rooms)) {
      boolean isCheap = cost(sink, with, without, 1, LEAST_RATIO);
      cost(sink, with, without, FULL, 0);
      boolean isFast = speed(sink, with);
      boolean isUnnoticed = hang(sink, with, without);
      return isCheap && isFast && isUnnoticed ? 0 : 1;
    } catch (IOException e) {
      System.err.println("gochat load webhooks: " + e.getMessage());
      return 2;
    }
  }

  private boolean cost(HookSink sink, HookRig with, HookRig without, int window, double goal)
      throws InterruptedException, IOException {
    say("%d publishes under way:", window);
    perCpuSecond(sink, with, true, window); // for the compiler
    perCpuSecond(sink, without, false, window);
    double[] ratios = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      double first = i % 2 == 0
          ? perCpuSecond(sink, with, true, window)
          : perCpuSecond(sink, without, false, window);
      double second = i % 2 == 0
          ? perCpuSecond(sink, without, false, window)
          : perCpuSecond(sink, with, true, window);
      double told = i % 2 == 0 ? first : second;
      double untold = i % 2 == 0 ? second : first;
      ratios[i] = told / untold;
      say(
          "pair %d: publishes per CPU second %,.0f with, %,.0f without, ratio %.3f",
          i + 1, told, untold, ratios[i]);
    }
    return verdict("publishes per CPU second, with / without", ratios, goal, true);
  }

  private double perCpuSecond(HookSink sink, HookRig rig, boolean isTold, int window)
      throws InterruptedException, IOException {
    double cpu = rig.cpuSeconds();
    long told = sink.taken();
    long accepted = rig.publish(seconds, Long.MAX_VALUE, window);
    if (isTold) {
      awaitTaken(sink, told + accepted);
    }
    return accepted / (rig.cpuSeconds() - cpu);
  }

  private boolean speed(HookSink sink, HookRig with) throws InterruptedException, IOException {
    double[] perSecond = new double[Math.max(1, pairs / 2)];
    for (int i = 0; i < perSecond.length; i++) {
      sink.mode(HookSink.Mode.REFUSES);
      long before = sink.taken();
      long waiting = with.publish(MOST_SECONDS, events, FULL);
      sink.mode(HookSink.Mode.TAKES);
      awaitTaken(sink, before + 1);
      long begun = System.nanoTime();
      long already = sink.taken() - before;
      awaitTaken(sink, before + waiting);
      perSecond[i] = (waiting - already) / ((System.nanoTime() - begun) / 1e9);
      say("%,d events that waited: %,.0f a second", waiting, perSecond[i]);
    }
    return verdict("events a second to loopback", perSecond, LEAST_EVENTS, true);
  }

  private boolean hang(HookSink sink, HookRig with, HookRig without) throws InterruptedException {
    sink.mode(HookSink.Mode.HANGS);
    with.publishPaced(1, rate);
    without.publishPaced(1, rate);
    double[] ratios = new double[pairs];
    List<Double> hanging = new ArrayList<>();
    List<Double> calm = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      List<Double> one = (i % 2 == 0 ? with : without).publishPaced(seconds, rate);
      List<Double> other = (i % 2 == 0 ? without : with).publishPaced(seconds, rate);
      List<Double> beside = i % 2 == 0 ? one : other;
      List<Double> alone = i % 2 == 0 ? other : one;
      ratios[i] = p99(beside) / p99(alone);
      hanging.addAll(beside);
      calm.addAll(alone);
      say(
          "pair %d: publish p99 %.2f ms while the endpoint hangs, %.2f ms without one, ratio %.3f",
          i + 1, p99(beside), p99(alone), ratios[i]);
    }
    say("all of them: %.2f ms, %.2f ms", p99(hanging), p99(calm));
    return verdict("publish p99, hanging / without", ratios, MOST_P99_RATIO, false);
  }

  private static double p99(List<Double> took) {
    List<Double> sorted = new ArrayList<>(took);
    Collections.sort(sorted);
    return sorted.isEmpty()
        ? Double.NaN
        : sorted.get((int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * P99)));
  }

  private static void awaitTaken(HookSink sink, long wanted) throws IOException {
    long begun = System.nanoTime();
    while (sink.taken() < wanted) {
      if (System.nanoTime() - begun > DRAIN_NANOS) {
        throw new IOException("only " + sink.taken() + " of " + wanted + " events were told");
      }
      LockSupport.parkNanos(TICK_NANOS);
    }
  }

  private static boolean verdict(String what, double[] measured, double goal, boolean isLeast) {
    Spread spread = Spread.of(measured);
    boolean isReached = isLeast ? spread.median() >= goal : spread.median() <= goal;
    say(
        "%s: %,.3f (%,.3f to %,.3f), goal %s %,.2f: %s%n",
        what,
        spread.median(),
        spread.low(),
        spread.high(),
        isLeast ? "at least" : "at most",
        goal,
        isReached ? "reached" : "MISSED");
    return isReached;
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
