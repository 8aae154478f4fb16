package io.gochat.bench.hooks;

import io.gochat.bench.common.Spread;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code ./gochat load webhooks}. Not thread-safe. */
@Command(
    name = "webhooks",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures what a webhook costs: publishes per CPU second of the server with one and without, in turns; events a second"
          + " to an endpoint on loopback; and the p99 of publishes while the endpoint hangs, in turns.",
      "What with one costs includes telling every event. The goal is that of one publish under way, which has a commit to"
          + " itself; beside it stands what 64 at once cost, which share theirs. Takes about three minutes; --pairs 1 --seconds 1"
          + " --hang 2 is a try. Exit status: 0 the goals were reached, 1 one was not, 2 the run was not possible."
    })
public final class HooksCommand implements Callable<Integer> {
  private static final String COST = "publishes per CPU second, with / without";
  private static final double LEAST_RATIO = 0.85;
  private static final double LEAST_EVENTS = 5_000;
  private static final double MOST_P99_RATIO = 1.1;
  private static final double P99 = 0.99;
  private static final int FULL = 64;
  private static final int WARM_UP = 60_000;
  // With more of them in a turn the logs would grow until they are trimmed, which costs more than
  // what is measured.
  private static final long MOST_PUBLISHES = 40_000;
  private static final double MOST_SECONDS = 600;
  // While so long nothing is answered, no event is given up for lost and tried again later.
  private static final double MOST_HELD_SECONDS = 8;
  private static final long TICK_NANOS = 2_000_000;
  private static final long DRAIN_NANOS = 120_000_000_000L;

  @Spec
  @SuppressWarnings("NullAway.Init") // by picocli
  private CommandSpec spec;

  @SuppressWarnings("NullAway.Init")
  private PrintWriter out;

  @Option(names = "--pairs", defaultValue = "7", description = "turns; default ${DEFAULT-VALUE}")
  private int pairs = 7;

  @Option(
      names = "--seconds",
      defaultValue = "3",
      description = "of each turn; default ${DEFAULT-VALUE}")
  private double seconds = 3;

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
      defaultValue = "20000",
      description =
          "at most, that wait for the endpoint and are told at once; default ${DEFAULT-VALUE}")
  private int events = 20_000;

  @Option(
      names = "--hang",
      defaultValue = "60",
      description = "seconds for which the endpoint hangs; default ${DEFAULT-VALUE}")
  private double hangSeconds = 60;

  @Override
  public Integer call() throws InterruptedException {
    out = spec.commandLine().getOut();
    try (HookSink sink = new HookSink();
        HookRig with = new HookRig(sink, rooms);
        HookRig without = new HookRig(null, rooms)) {
      warmUp(sink, with, without);
      double[] ratios = cost(sink, with, without, 1);
      boolean isCheap = verdict(COST, ratios, LEAST_RATIO, true);
      say("%s: %s%n", COST, shown(Spread.of(cost(sink, with, without, FULL))));
      boolean isFast = speed(sink, with);
      boolean isUnnoticed = hang(sink, with, without);
      return isCheap && isFast && isUnnoticed ? 0 : 1;
    } catch (IOException e) {
      System.err.println("gochat load webhooks: " + e.getMessage());
      return 2;
    }
  }

  /** For the compilers, which else are most of what a short run costs. */
  private void warmUp(HookSink sink, HookRig with, HookRig without)
      throws InterruptedException, IOException {
    double most = 2 * seconds;
    long publishes = without.publish(most, WARM_UP, FULL);
    perCpuSecond(sink, with, true, publishes, FULL);
  }

  private double[] cost(HookSink sink, HookRig with, HookRig without, int window)
      throws InterruptedException, IOException {
    say("%d publishes under way:", window);
    // As many in each turn of both, whose logs so stay equally long.
    long publishes = without.publish(seconds, MOST_PUBLISHES, window);
    perCpuSecond(sink, with, true, publishes, window);
    double[] ratios = new double[pairs];
    for (int i = 0; i < pairs; i++) {
      double first = i % 2 == 0
          ? perCpuSecond(sink, with, true, publishes, window)
          : perCpuSecond(sink, without, false, publishes, window);
      double second = i % 2 == 0
          ? perCpuSecond(sink, without, false, publishes, window)
          : perCpuSecond(sink, with, true, publishes, window);
      double told = i % 2 == 0 ? first : second;
      double untold = i % 2 == 0 ? second : first;
      ratios[i] = told / untold;
      say(
          "pair %d: publishes per CPU second %,.0f with, %,.0f without, ratio %.3f",
          i + 1, told, untold, ratios[i]);
    }
    return ratios;
  }

  private static double perCpuSecond(
      HookSink sink, HookRig rig, boolean isTold, long publishes, int window)
      throws InterruptedException, IOException {
    double cpu = rig.cpuSeconds();
    long told = sink.taken();
    long accepted = rig.publish(MOST_SECONDS, publishes, window);
    if (isTold) {
      awaitTaken(sink, told + accepted);
    }
    return accepted / (rig.cpuSeconds() - cpu);
  }

  private boolean speed(HookSink sink, HookRig with) throws InterruptedException, IOException {
    double[] perSecond = new double[Math.max(1, pairs / 2)];
    for (int i = 0; i < perSecond.length; i++) {
      sink.hang();
      long before = sink.taken();
      long waiting = with.publish(MOST_HELD_SECONDS, events, FULL);
      long begun = System.nanoTime();
      sink.goOn();
      awaitTaken(sink, before + waiting);
      perSecond[i] = waiting / ((System.nanoTime() - begun) / 1e9);
      say("%,d events that waited: %,.0f a second", waiting, perSecond[i]);
    }
    return verdict("events a second to loopback", perSecond, LEAST_EVENTS, true);
  }

  private boolean hang(HookSink sink, HookRig with, HookRig without) throws InterruptedException {
    sink.hang();
    double turn = hangSeconds / (2 * pairs);
    with.publishPaced(Math.min(1, turn), rate);
    without.publishPaced(Math.min(1, turn), rate);
    double[] ratios = new double[pairs];
    List<Double> hanging = new ArrayList<>();
    List<Double> calm = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      List<Double> one = (i % 2 == 0 ? with : without).publishPaced(turn, rate);
      List<Double> other = (i % 2 == 0 ? without : with).publishPaced(turn, rate);
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

  private boolean verdict(String what, double[] measured, double goal, boolean isLeast) {
    Spread spread = Spread.of(measured);
    boolean isReached = isLeast ? spread.median() >= goal : spread.median() <= goal;
    say(
        "%s: %s, goal %s %,.2f: %s%n",
        what,
        shown(spread),
        isLeast ? "at least" : "at most",
        goal,
        isReached ? "reached" : "MISSED");
    return isReached;
  }

  private static String shown(Spread spread) {
    return String.format(
        Locale.ROOT, "%,.3f (%,.3f to %,.3f)", spread.median(), spread.low(), spread.high());
  }

  private void say(String format, Object... values) {
    out.println(String.format(Locale.ROOT, format, values));
    out.flush();
  }
}
