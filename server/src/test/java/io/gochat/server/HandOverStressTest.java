package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.bounds.BudgetStress;
import io.gochat.server.embedded.WriteQueueStress;
import io.gochat.server.registry.ConnectionRegistryStress;
import io.gochat.server.registry.HandOverStress;
import io.gochat.server.registry.ReplayBudgetStress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jcstress.annotations.JCStressTest;

/**
 * Every hand-over between threads, raced: for a moment with each test run, and by jcstress itself in several JVM
 * configurations by {@code ./mvnw -Pjcstress -pl server -am test}. {@code -Dgochat.jcstress.options} are its own, {@code
 * "-sc true"} for one (each actor with each compiler: an hour).
 */
class HandOverStressTest {
  private static final Duration SHORT = Duration.ofMillis(150);

  @TempDir
  private Path directory;

  static Stream<Class<?>> races() {
    return Stream.of(
            WriteQueueStress.class,
            BudgetStress.class,
            HandOverStress.class,
            ReplayBudgetStress.class,
            ConnectionRegistryStress.class)
        .flatMap(doors -> Arrays.stream(doors.getDeclaredClasses()))
        .filter(test -> test.isAnnotationPresent(JCStressTest.class))
        .sorted(Comparator.comparing(Class::getName));
  }

  @ParameterizedTest
  @MethodSource("races")
  void only_allowed_outcomes_in_a_short_race(Class<?> test) throws Exception {
    Race race = new Race(test);

    Map<String, Long> outcomes = race.play(SHORT);

    assertThat(outcomes).isNotEmpty();
    assertThat(outcomes.keySet()).as("outcomes %s", outcomes).allMatch(race::isAllowed);
  }

  @Test
  @EnabledIfSystemProperty(
      named = "gochat.jcstress",
      matches = "true",
      disabledReason = "takes minutes: -Pjcstress")
  void only_allowed_outcomes_under_jcstress() throws Exception {
    Path output = directory.resolve("jcstress.txt");
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        System.getProperty("java.class.path"),
        "org.openjdk.jcstress.Main",
        "-t",
        "io.gochat",
        "-r",
        directory.resolve("report").toString()));
    command.addAll(List.of(
        System.getProperty("gochat.jcstress.options", "-f 1 -fsm 1 -iters 1 -time 500 -sc false")
            .split(" ")));

    Process process = new ProcessBuilder(command)
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      assertThat(process.waitFor(1, TimeUnit.HOURS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    String report = Files.readString(output);
    String results = report.substring(Math.max(0, report.indexOf("RUN RESULTS")));
    System.out.println(results);
    assertThat(process.exitValue()).as(results).isZero();
    assertThat(results).contains("Failed tests: No matches", "Error tests: No matches");
  }
}
