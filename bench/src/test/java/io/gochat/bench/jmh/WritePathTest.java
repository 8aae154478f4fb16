package io.gochat.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.bench.common.Spread;
import io.gochat.bench.jmh.WritePathRig.Cost;
import io.gochat.bench.jmh.WritePathRig.Way;
import io.netty.channel.epoll.Epoll;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WritePathTest {
  @ParameterizedTest
  @EnumSource(Way.class)
  void every_way_brings_every_byte_to_the_sink(Way way) throws Exception {
    assumeTrue(Epoll.isAvailable());
    try (WritePathRig rig = new WritePathRig(20, 128, 16)) {
      // Waits for exactly the bytes that this many messages have, or fails.
      Cost one = rig.measure(way, 1, 5);
      Cost sixteen = rig.measure(way, 16, 5);

      assertThat(one.deliveries()).isEqualTo(20 * 5);
      assertThat(sixteen.deliveries()).isEqualTo(20 * 16 * 5);
      assertThat(one.nsPerDelivery()).isPositive();
    }
  }

  @Test
  void the_table_has_a_ratio_to_the_floor_of_the_same_run() throws Exception {
    assumeTrue(Epoll.isAvailable());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    WritePath path =
        new WritePath(new PrintStream(bytes, true, StandardCharsets.UTF_8), 3, 60, false);

    List<Figure> figures = path.run(List.of(30));

    assertThat(figures)
        .extracting(Figure::key)
        .containsExactly(
            "WritePath.floor(members=30,perFlush=1)",
            "WritePath.sweep(members=30,perFlush=1)",
            "WritePath.floor(members=30,perFlush=16)",
            "WritePath.sweep(members=30,perFlush=16)");
    assertThat(figures.get(0).extra()).containsEntry("ratio_to_floor", 1.0);
    assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("sweep", "floor", "1.12");
  }

  @Test
  void the_interval_holds_the_median_as_often_as_it_says() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int held = 0;
    int runs = 2_000;
    for (int run = 0; run < runs; run++) {
      double[] measured = random.doubles(15).toArray();

      Spread spread = Spread.of(measured);

      held += spread.low() <= 0.5 && 0.5 <= spread.high() ? 1 : 0;
      assertThat(spread.median()).isBetween(spread.low(), spread.high());
    }
    assertThat((double) held / runs).as("seed %d", seed).isGreaterThan(0.94);
    assertThat(Spread.of(3, 1, 2).median()).isEqualTo(2, within(1e-9));
  }
}
