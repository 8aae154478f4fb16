package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.websocket.Via;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The checker with the SDK's connections on WebSocket and TLS, and with a clock that jumps, against the packaged server. */
class WebSocketVerifyJarTest {
  @TempDir
  private Path directory;

  @Test
  void over_websocket_in_tls_nothing_is_lost_through_cuts_and_clocks_that_jump() throws Exception {
    whatever_is_spoken_nothing_is_lost_through_cuts_and_clocks_that_jump(Via.WS, true);
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"WS, false", "FRAMES, true"})
  void whatever_is_spoken_nothing_is_lost_through_cuts_and_clocks_that_jump(Via via, boolean tls)
      throws Exception {
    long seed = System.nanoTime() & 0x7fffffff;
    VerifyOptions options = new VerifyOptions();
    options.way.via(via);
    if (tls) {
      options.tls.want();
    }
    options.duration = Duration.ofSeconds(4);
    options.faults("clock-forward,past-restart,cut-answer,cut-middle");

    VerifyReport report = Jars.verify(options, seed, directory.resolve("run"));

    assertThat(report.verdict().violations()).as("seed %d", seed).isEmpty();
    assertThat(report.facts().get("restarts_in_the_past")).isPositive();
    assertThat(report.verdict().accepted()).isGreaterThan(20);
    assertThat(report.exitStatus()).isZero();
  }
}
