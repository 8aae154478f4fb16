package io.gochat.bench.load;

import io.gochat.bench.common.Json;
import io.gochat.bench.common.Spread;
import io.gochat.bench.process.ProcessProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The phases of the slow scenario: pairs of one without and one beside slow members, in alternating order, so that what
 * drifts on the machine falls on both. What is compared are the same receivers in both. Confined to the calling thread.
 */
@SuppressWarnings("EnumOrdinal") // one slot per kind of slow member
final class SlowRun {
  /** What the p99 of the others may grow to. */
  static final double GOAL = 1.2;

  private final LoadPlan plan;
  private final SlowMembers members;
  private final @Nullable ProcessProbe server;
  private final LoadClock clock;
  private final Ending ending;
  private final Phases phases;
  private final PhaseSum without = new PhaseSum("without slow members");
  private final PhaseSum beside = new PhaseSum("beside slow members");
  private final List<@Nullable Object> pairs = new ArrayList<>();
  private final List<Double> ratios = new ArrayList<>();
  private final long[] mostBehind = new long[SlowMembers.COUNT];
  private double longestCatchUpMs;
  private double directPeak = Double.NaN;
  private boolean completed = true;

  /** Runs a phase. */
  interface Phases {
    MeasuredPhase run(String name) throws InterruptedException;
  }

  SlowRun(
      LoadPlan plan,
      SlowMembers members,
      @Nullable ProcessProbe server,
      LoadClock clock,
      Ending ending,
      Phases phases) {
    this.plan = plan;
    this.members = members;
    this.server = server;
    this.clock = clock;
    this.ending = ending;
    this.phases = phases;
  }

  /** All pairs; ends early when a slow member does not get what it is owed. */
  void run() throws InterruptedException {
    phases.run("warm-up");
    for (int i = 0; i < plan.pace().pairs() && completed && !ending.isDue(server); i++) {
      String number = " " + (i + 1) + "/" + plan.pace().pairs();
      MeasuredPhase calm;
      MeasuredPhase slow;
      if (i % 2 == 0) {
        calm = phases.run("without" + number);
        slow = besideSlow("beside" + number);
      } else {
        slow = besideSlow("beside" + number);
        calm = phases.run("without" + number);
      }
      if (ending.isDue(server)) {
        return; // half a pair says nothing
      }
      add(calm, slow);
    }
    // The last phase may have ended before those that take little at a time had all of it.
    completed = completed && members.catchUp(plan.pace().settle().toNanos());
    for (SlowMembers.Kind kind : SlowMembers.Kind.values()) {
      if (mostBehind[kind.ordinal()] == 0) {
        clock.note("the slow member '" + kind.word()
            + "' was never behind: the load is too small to say anything");
      }
    }
  }

  private void add(MeasuredPhase calm, MeasuredPhase slow) {
    without.add(calm);
    beside.add(slow);
    double ratio = slow.p99Us() / calm.p99Us();
    ratios.add(ratio);
    Map<String, @Nullable Object> pair = Json.object();
    pair.put("without_p99_us", calm.p99Us());
    pair.put("beside_p99_us", slow.p99Us());
    pair.put("ratio", ratio);
    pairs.add(pair);
  }

  private MeasuredPhase besideSlow(String name) throws InterruptedException {
    members.slowDown();
    MeasuredPhase measured = phases.run(name);
    List<Long> behind = members.behind();
    for (int i = 0; i < mostBehind.length; i++) {
      mostBehind[i] = Math.max(mostBehind[i], behind.get(i));
    }
    sampleDirect();
    long fromNs = System.nanoTime();
    completed = members.catchUp(plan.pace().settle().toNanos());
    longestCatchUpMs = Math.max(longestCatchUpMs, (System.nanoTime() - fromNs) / 1e6);
    sampleDirect();
    return measured;
  }

  // Not during a phase: rendering the metrics is work of its own.
  private void sampleDirect() {
    double now = ServerMetrics.directBytes(plan.target());
    directPeak = Double.isNaN(directPeak) ? now : Math.max(directPeak, now);
  }

  /** The sums of both kinds of phases, as a result holds phases. */
  List<@Nullable Object> phases() {
    List<@Nullable Object> both = new ArrayList<>();
    both.add(without.toJson(server));
    both.add(beside.toJson(server));
    return both;
  }

  /** Whether there is a pair to tell of. */
  boolean hasPairs() {
    return !ratios.isEmpty();
  }

  /** What the pairs say. */
  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = Json.object();
    Spread spread = Spread.of(ratios.stream().mapToDouble(Double::doubleValue).toArray());
    json.put("ratio", spread.median());
    json.put("ratio_low", spread.low());
    json.put("ratio_high", spread.high());
    json.put("goal", GOAL);
    json.put("goal_met", spread.median() <= GOAL);
    json.put("pairs", pairs);
    json.put("direct_bytes_peak", directPeak);
    json.put("rss_bytes_peak", Math.max(without.rssPeak(), beside.rssPeak()));
    Map<String, @Nullable Object> behind = Json.object();
    for (SlowMembers.Kind kind : SlowMembers.Kind.values()) {
      behind.put(kind.word(), mostBehind[kind.ordinal()]);
    }
    json.put("most_behind", behind);
    json.put("longest_catch_up_ms", longestCatchUpMs);
    json.put("caught_up", completed);
    return json;
  }
}
