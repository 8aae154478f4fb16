package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {
  private final Violations violations = new Violations();

  @Test
  void what_is_in_order_is_no_violation() {
    SequenceCheck check = new SequenceCheck(5, violations);

    for (long seq = 5; seq < 100; seq++) {
      assertThat(check.delivered(seq)).isTrue();
    }
    check.ended(99);

    assertThat(violations.total()).isZero();
  }

  @Test
  void an_announced_gap_is_counted_once_and_is_not_missing() {
    SequenceCheck check = new SequenceCheck(1, violations);

    check.delivered(1);
    check.gap(10);
    check.delivered(11);
    check.ended(11);

    assertThat(violations.gapsAnnounced).isEqualTo(1);
    assertThat(violations.total()).isEqualTo(1);
  }

  @Test
  void any_order_of_losses_and_repeats_is_counted_as_a_simple_model_counts_it() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int run = 0; run < 2_000; run++) {
      Violations counted = new Violations();
      SequenceCheck check = new SequenceCheck(1, counted);
      List<Long> deliveries = shuffledWithFaults(random);
      Set<Long> seen = new HashSet<>();
      long newest = 0;
      long late = 0;
      long repeated = 0;

      for (long seq : deliveries) {
        boolean isNew = seen.add(seq);
        late += isNew && seq < newest ? 1 : 0;
        repeated += isNew ? 0 : 1;
        newest = Math.max(newest, seq);
        assertThat(check.delivered(seq)).as("seed %d", seed).isEqualTo(isNew);
      }
      check.ended(30);

      assertThat(counted.reordered).as("seed %d", seed).isEqualTo(late);
      assertThat(counted.duplicates).as("seed %d", seed).isEqualTo(repeated);
      assertThat(counted.missing).as("seed %d", seed).isEqualTo(30 - seen.size());
    }
  }

  private static List<Long> shuffledWithFaults(Random random) {
    List<Long> deliveries = new ArrayList<>();
    for (long seq = 1; seq <= 30; seq++) {
      for (int copies = random.nextInt(8) == 0 ? random.nextInt(3) : 1; copies > 0; copies--) {
        deliveries.add(seq);
      }
    }
    for (int swaps = random.nextInt(10); swaps > 0 && !deliveries.isEmpty(); swaps--) {
      Collections.swap(
          deliveries, random.nextInt(deliveries.size()), random.nextInt(deliveries.size()));
    }
    return deliveries;
  }
}
