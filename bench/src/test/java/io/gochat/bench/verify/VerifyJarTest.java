package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.process.ServerProcess;
import io.gochat.bench.verify.Violation.Kind;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the crash checker against the packaged server, and against one that is broken on purpose. */
@Timeout(180)
class VerifyJarTest {
  private final long seed = RandomGenerator.getDefault().nextInt(Integer.MAX_VALUE);
  private final VerifyOptions options = new VerifyOptions();

  @TempDir
  Path dir;

  @Test
  void a_good_server_loses_doubles_and_reorders_nothing_through_kills_cuts_and_pauses()
      throws Exception {
    options.duration = Duration.ofSeconds(6);

    VerifyReport report = Jars.verify(options, seed, dir.resolve("run"));

    assertThat(report.verdict().violations()).as("seed %d", seed).isEmpty();
    assertThat(report.facts().get("kills")).as("seed %d", seed).isPositive();
    assertThat(report.verdict().accepted()).isGreaterThan(50);
    assertThat(report.exitStatus()).isZero();
    assertThat(report.json()).contains("\"passed\" : true");
  }

  @Test
  void a_server_that_answers_before_it_has_stored_is_found_out() throws Exception {
    options.duration = Duration.ofSeconds(4);
    options.faults(FaultKind.KILL.word());
    options.serverCommand = List.of(
        ServerProcess.javaExecutable(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-cp",
        Jars.testClasses() + File.pathSeparator + Jars.server(),
        "io.gochat.server.EarlyAnswerServer");

    VerifyReport report = Jars.verify(options, seed, dir.resolve("run"));

    assertThat(report.verdict().counts()).as("seed %d", seed).containsKey(Kind.LOST_FROM_LOG);
    assertThat(report.exitStatus()).isEqualTo(1);
    assertThat(dir.resolve("run").resolve("history.txt")).exists();
  }

  @Test
  void a_herd_of_clients_comes_back_after_a_kill_and_has_missed_nothing() throws Exception {
    options.duration = Duration.ofSeconds(1);
    options.serverJars = List.of(Jars.server());
    options.keepDir = dir.resolve("storm");

    VerifyReport report =
        new StormRun(options, 300, seed, new ProgressBar(System.out, false)).run();

    assertThat(report.verdict().violations()).as("seed %d", seed).isEmpty();
    assertThat(report.facts().get("reconnects")).isGreaterThanOrEqualTo(300);
    assertThat(report.facts().get("slowest_return_ms")).isBetween(1L, 30_000L);
    assertThat(report.facts().get("server_resident_mib")).isBetween(1L, 700L);
  }
}
