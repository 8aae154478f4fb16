package io.gochat.bench.verify;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The order, the pauses and the targets of one lane of faults, from a seed alone. Rounds: every kind comes once before
 * any comes again, so that even a short run fires them all; kills come more often than pauses. Confined to its lane's
 * thread.
 */
final class FaultSchedule {
  private final Random random;
  private final List<FaultKind> kinds;
  private final int minGapMs;
  private final int maxGapMs;
  private final Deque<FaultKind> round = new ArrayDeque<>();

  /** Faults of {@code kinds} with {@code minGapMs} to {@code maxGapMs} milliseconds between them. */
  FaultSchedule(long seed, Set<FaultKind> kinds, int minGapMs, int maxGapMs) {
    this.random = new Random(seed);
    this.kinds = kinds.stream().sorted().toList();
    this.minGapMs = minGapMs;
    this.maxGapMs = maxGapMs;
  }

  /** Whether there is nothing to do in this lane. */
  boolean isEmpty() {
    return kinds.isEmpty();
  }

  /** What comes next, and after how long. */
  Step next() {
    if (round.isEmpty()) {
      List<FaultKind> shuffled = new ArrayList<>(kinds);
      if (kinds.contains(FaultKind.KILL)) {
        // A pause proves little more the tenth time; a kill hits another place each time.
        Collections.addAll(shuffled, FaultKind.KILL, FaultKind.KILL);
      }
      Collections.shuffle(shuffled, random);
      round.addAll(shuffled);
    }
    return new Step(
        round.remove(),
        random.nextInt(minGapMs, maxGapMs + 1),
        random.nextInt(),
        random.nextDouble());
  }

  /**
   * One fault to come.
   *
   * @param gapMs how long to leave the system alone before it
   * @param target which of the things that it can hit, modulo their number
   * @param strength 0 to 1: how long it lasts, within its kind's bounds
   */
  record Step(FaultKind kind, int gapMs, int target, double strength) {
    /** A duration between the bounds, by strength, in milliseconds. */
    long lasting(int minMs, int maxMs) {
      return Math.round(minMs + strength * (maxMs - minMs));
    }
  }
}
