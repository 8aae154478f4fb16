package io.gochat.server.simulation;

import java.util.List;
import java.util.SplittableRandom;

/** All chance of one schedule, from its seed. Confined to the simulation's thread. */
final class Dice {
  private final SplittableRandom random;
  private long digest;

  Dice(long seed) {
    random = new SplittableRandom(seed);
  }

  /** 0 to {@code bound - 1}. */
  int below(int bound) {
    int value = random.nextInt(bound);
    note(value);
    return value;
  }

  /** From {@code least} to {@code most}. */
  int between(int least, int most) {
    return least + below(most - least + 1);
  }

  /** True once in {@code times}, on average; 0: never. */
  boolean oneIn(int times) {
    return times > 0 && below(times) == 0;
  }

  <T> T of(List<T> choices) {
    return choices.get(below(choices.size()));
  }

  /** Something happened that must happen again when this seed is played again. */
  void note(long what) {
    digest = digest * 0x9E3779B97F4A7C15L + what + 1;
  }

  /** Everything that was noted, in its order, as one number. */
  long digest() {
    return digest;
  }
}
