package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.testing.ClassCycles;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The SDK is one package; what keeps it apart is which class needs which. */
class ArchitectureTest {
  /** Options and their builder. */
  private static final int CLASSES_IN_CYCLES = 2;

  @Test
  void classes_that_need_each_other_grow_no_more() {
    List<Set<String>> cycles = ClassCycles.below(Path.of("target", "classes"));

    assertThat(ClassCycles.count(cycles))
        .as("classes in cycles:%n%s", ClassCycles.describe(cycles))
        .isLessThanOrEqualTo(CLASSES_IN_CYCLES);
  }
}
