package io.gochat.bench.jmh;

import io.gochat.bench.common.Json;
import io.gochat.bench.common.Spread;
import io.gochat.bench.jmh.WritePathRig.Cost;
import io.gochat.bench.jmh.WritePathRig.Way;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fan-out path on real sockets beside its floor, in interleaved rounds: CPU of the event loop and bytes allocated
 * per delivery. Not a JMH benchmark, because what counts is the ratio of two things measured in the same second. Used by
 * one thread.
 */
final class WritePath {
  private static final int TEXT_BYTES = 128;
  // Of fewer than six measurements not even the range holds the median with 95 %.
  private static final int ENOUGH_FOR_INTERVAL = 6;
  private static final double RATIO_GOAL = 1.12;
  private static final double SWEEP_GOAL = 1.2;
  private static final int[] SWEPT_MEMBERS = {100, 300, 1_000, 3_000, 5_000, 10_000, 15_000};

  private final PrintStream out;
  private final int rounds;
  private final int sendsPerRound;
  private final boolean withAlternatives;
  private final List<Figure> figures = new ArrayList<>();

  /** Runs {@code rounds} rounds of about {@code sendsPerRound} sends each way. */
  WritePath(PrintStream out, int rounds, int sendsPerRound, boolean withAlternatives) {
    this.out = out;
    this.rounds = rounds;
    this.sendsPerRound = sendsPerRound;
    this.withAlternatives = withAlternatives;
  }

  /** The goals' table: 1,000 and 5,000 connections, 1 and 16 messages per flush. */
  List<Figure> run(List<Integer> members) throws IOException, InterruptedException {
    heading();
    for (int count : members) {
      try (WritePathRig rig = new WritePathRig(count, TEXT_BYTES, 16)) {
        compare(rig, 1, RATIO_GOAL);
        compare(rig, 16, RATIO_GOAL);
      }
    }
    tellAllocation(members);
    return figures;
  }

  /** What a batch allocates whatever its members is amortised; what grows with them is not. */
  private void tellAllocation(List<Integer> members) {
    int least = Collections.min(members);
    int most = Collections.max(members);
    if (least == most) {
      return;
    }
    double slope = (bytesPerBatch(most) - bytesPerBatch(least)) / (most - least);
    out.printf(
        Locale.ROOT,
        "allocated per further recipient: %.3f B (goal 0)%n",
        Math.abs(slope) < 5e-4 ? 0 : slope);
  }

  private double bytesPerBatch(int members) {
    String key = "WritePath.sweep(members=" + members + ",perFlush=1)";
    return figures.stream()
        .filter(figure -> figure.key().equals(key))
        .mapToDouble(figure -> Json.number(figure.extra(), "bytes_per_batch"))
        .findFirst()
        .orElse(Double.NaN);
  }

  /** One message per flush at every number of members from 100 to 15,000. */
  List<Figure> sweepMembers() throws IOException, InterruptedException {
    heading();
    for (int count : SWEPT_MEMBERS) {
      try (WritePathRig rig = new WritePathRig(count, TEXT_BYTES, 1)) {
        compare(rig, 1, SWEEP_GOAL);
      }
    }
    return figures;
  }

  private void heading() {
    out.printf(
        Locale.ROOT,
        "write path: event-loop CPU per delivery, %d B texts, median of %d interleaved rounds [%s]%n"
            + "%-44s %12s %25s %12s %10s  %s%n",
        TEXT_BYTES,
        rounds,
        rounds < ENOUGH_FOR_INTERVAL ? "smallest, largest" : "95 % interval",
        "way",
        "ns/delivery",
        "ratio to the floor",
        "B/delivery",
        "B/batch",
        "goal");
  }

  private void compare(WritePathRig rig, int perFlush, double goal) {
    List<Way> ways = withAlternatives ? List.of(Way.values()) : List.of(Way.FLOOR, Way.SWEEP);
    int batches = Math.max(2, sendsPerRound / rig.members());
    for (int warm = 0; warm < 3; warm++) {
      for (Way way : ways) {
        rig.measure(way, perFlush, batches);
      }
    }
    Map<Way, double[]> ns = new EnumMap<>(Way.class);
    Map<Way, double[]> ratios = new EnumMap<>(Way.class);
    Map<Way, double[]> allocated = new EnumMap<>(Way.class);
    Map<Way, double[]> perBatch = new EnumMap<>(Way.class);
    for (Way way : ways) {
      ns.put(way, new double[rounds]);
      ratios.put(way, new double[rounds]);
      allocated.put(way, new double[rounds]);
      perBatch.put(way, new double[rounds]);
    }
    for (int round = 0; round < rounds; round++) {
      Map<Way, Cost> costs = round(rig, perFlush, batches, ways, round);
      double floor = cost(costs, Way.FLOOR).nsPerDelivery();
      for (Way way : ways) {
        Cost cost = cost(costs, way);
        slots(ns, way)[round] = cost.nsPerDelivery();
        slots(ratios, way)[round] = cost.nsPerDelivery() / floor;
        slots(allocated, way)[round] = cost.bytesPerDelivery();
        slots(perBatch, way)[round] = (double) cost.allocatedBytes() / cost.batches();
      }
    }
    for (Way way : ways) {
      Spread ratio = Spread.of(slots(ratios, way));
      Figure figure = figure(
          "WritePath." + way.name().toLowerCase(Locale.ROOT),
          "members=" + rig.members() + ",perFlush=" + perFlush,
          Spread.of(slots(ns, way)),
          ratio,
          Spread.of(slots(allocated, way)),
          Spread.of(slots(perBatch, way)));
      figures.add(figure);
      print(figure, ratio, way == Way.SWEEP ? goal : Double.NaN);
    }
  }

  private static Figure figure(
      String name, String parameters, Spread cpu, Spread ratio, Spread allocated, Spread perBatch) {
    Map<String, @Nullable Object> extra = Json.object();
    extra.put("ratio_to_floor", ratio.median());
    extra.put("ratio_low", ratio.low());
    extra.put("ratio_high", ratio.high());
    extra.put("bytes_per_batch", perBatch.median());
    return new Figure(
        name, parameters, cpu.median(), cpu.low(), cpu.high(), "ns/op", allocated.median(), extra);
  }

  /** Once each way, beginning with another one each time, so that drift hits all alike. */
  private static Map<Way, Cost> round(
      WritePathRig rig, int perFlush, int batches, List<Way> ways, int round) {
    Map<Way, Cost> costs = new EnumMap<>(Way.class);
    for (int i = 0; i < ways.size(); i++) {
      Way way = ways.get((i + round) % ways.size());
      costs.put(way, rig.measure(way, perFlush, batches));
    }
    return costs;
  }

  private void print(Figure figure, Spread ratio, double goal) {
    out.printf(
        Locale.ROOT,
        "%-44s %12.1f %10.3f [%.3f, %.3f] %12.2f %10.0f  %s%n",
        figure.key(),
        figure.score(),
        ratio.median(),
        ratio.low(),
        ratio.high(),
        figure.bytesPerOp(),
        Json.number(figure.extra(), "bytes_per_batch"),
        Double.isNaN(goal)
            ? ""
            : String.format(
                Locale.ROOT, "≤ %.2f: %s", goal, ratio.median() <= goal ? "met" : "NOT MET"));
    out.flush();
  }

  private static double[] slots(Map<Way, double[]> map, Way way) {
    double[] found = map.get(way);
    if (found == null) {
      throw new IllegalStateException("not measured: " + way);
    }
    return found;
  }

  private static Cost cost(Map<Way, Cost> costs, Way way) {
    Cost found = costs.get(way);
    if (found == null) {
      throw new IllegalStateException("not measured: " + way);
    }
    return found;
  }
}
