package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.bench.Main;
import io.gochat.bench.common.Json;
import io.gochat.bench.load.FaultyServer.Fault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Execution(ExecutionMode.CONCURRENT) // they wait more than they work
class LoadCommandTest {
  @TempDir
  private Path directory;

  private int status;

  @Test
  void a_good_server_is_clean() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      Map<String, Object> result = load(server, "fanout", "--members", "20", "--rate", "200");

      assertThat(status).isZero();
      assertThat(result).containsEntry("clean", true);
      assertThat(Json.number(phase(result), "accepted"))
          .isEqualTo((double) server.accepted.get())
          .isPositive();
      assertThat(Json.number(phase(result), "delivery_us", "p50")).isPositive();
      assertThat(Json.number(phase(result), "unanswered")).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DROP,       missing",
    "DOUBLE,     duplicates",
    "REORDER,    reordered",
    "CORRUPT,    corrupt",
    "MISROUTE,   misrouted",
    "GAP,        gaps_announced",
  })
  void every_broken_promise_is_counted_exactly(Fault fault, String kind) throws Exception {
    try (FaultyServer server = new FaultyServer(fault)) {
      Map<String, Object> result = load(server, "fanout", "--members", "5", "--rate", "300");

      assertThat(status).isEqualTo(1);
      assertThat(result).containsEntry("clean", false);
      Map<String, Object> violations = Json.asObject(result.get("violations"));
      assertThat(server.faults.get()).isPositive();
      violations.forEach((each, count) -> assertThat(((Number) count).longValue())
          .as(each)
          // One that was held back at the very end never came at all.
          .isBetween(
              each.equals(kind) ? server.faults.get() - 1 : 0,
              each.equals(kind) ? server.faults.get() : 1));
      assertThat(violations.values().stream()
              .mapToLong(count -> ((Number) count).longValue())
              .sum())
          .isEqualTo(server.faults.get());
    }
  }

  @Test
  void a_slow_member_that_does_not_get_everything_is_a_violation() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.DROP)) {
      // The slow members join first, and the faults are the first member's.
      Map<String, Object> result = load(
          server, "slow", "--members", "6", "--rate", "100", "--pairs", "2", "--settle", "0.5");

      assertThat(status).isEqualTo(1);
      assertThat(server.faults.get()).isPositive();
      assertThat(Json.number(Json.asObject(result.get("violations")), "missing"))
          .isEqualTo((double) server.faults.get());
    }
  }

  @Test
  void a_lost_last_message_is_missing_too() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.DROP)) {
      // Ten messages: the tenth is dropped, and nothing follows that would show the hole.
      Map<String, Object> result = load(
          server,
          "fanout",
          "--members",
          "3",
          "--rate",
          "10",
          "--time",
          "1",
          "--warmup",
          "0",
          "--settle",
          "0.3");

      assertThat(server.accepted.get()).isEqualTo(10);
      assertThat(status).isEqualTo(1);
      assertThat(Json.number(Json.asObject(result.get("violations")), "missing"))
          .isEqualTo(1);
    }
  }

  @Test
  void a_receiver_that_is_cut_off_is_a_violation() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.DISCONNECT)) {
      Map<String, Object> result = load(server, "fanout", "--members", "3", "--rate", "100");

      assertThat(status).isEqualTo(1);
      assertThat(Json.number(Json.asObject(result.get("violations")), "disconnected"))
          .isEqualTo(1);
      assertThat(Json.asObject(result.get("notes")))
          .containsEntry("a receiver was disconnected", 1L);
    }
  }

  @Test
  void refusals_are_told_by_code_and_are_no_violation() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.REFUSE)) {
      Map<String, Object> result = load(server, "fanout", "--members", "3", "--rate", "200");

      assertThat(status).isZero();
      assertThat(Json.number(phase(result), "refused", "OVERLOADED")).isPositive();
      assertThat(Json.number(phase(result), "sent"))
          .isEqualTo(Json.number(phase(result), "accepted")
              + Json.number(phase(result), "refused", "OVERLOADED"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fanout,  --members 10 --publishers 3 --window 8",
    "fanout,  --members 1 --window 1",
    "rooms,   --rooms 6 --members 4 --publishers 2 --rate 500",
    "rooms,   --rooms 6 --members 4 --publishers 2 --window 16",
    "direct,  --rooms 5 --publishers 3 --rate 300",
    "http,    --rooms 3 --publishers 4 --rate 300",
    "http,    --rooms 3 --publishers 4 --window 4",
    "http,    --rooms 2 --members 5 --publishers 2 --rate 100",
    "login,   --members 5 --rate 100 --storm 3",
    "slow,    --members 8 --rate 200 --pairs 2",
    "publish, --rooms 3 --publishers 4",
    "publish, --rooms 3 --publishers 4 --rate 200",
    "connect, --members 50",
    "connect, --members 50 --rate 500",
  })
  void every_scenario_runs_clean(String scenario, String options) throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      List<String> all = new ArrayList<>(List.of(options.strip().split(" ")));
      all.add(0, scenario);

      Map<String, Object> result = load(server, all.toArray(String[]::new));

      assertThat(status).isZero();
      assertThat(result).containsEntry("scenario", scenario);
      if (!scenario.equals("connect")) {
        assertThat(Json.number(phase(result), "accepted")).isPositive();
        assertThat(Json.number(phase(result), "unanswered")).isZero();
      } else {
        assertThat(Json.number(phase(result), "ready_us", "count")).isEqualTo(50);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http,    --rooms 3 --publishers 4, GoChat, hello",
    "publish, --rooms 3 --publishers 4, 4 publishers, 1 publisher",
    "login,   --members 5 --storm 2, beside the storm, without storm",
  })
  void pairs_tell_the_ratio_of_the_two_sides(
      String scenario, String options, String measured, String beside) throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      List<String> all = new ArrayList<>(List.of(scenario, "--pairs", "2", "--time", "0.8"));
      all.addAll(List.of(options.strip().split(" ")));

      Map<String, Object> result = load(server, all.toArray(String[]::new));

      assertThat(status).isZero();
      Map<String, Object> pairs = Json.asObject(result.get("pairs"));
      assertThat(Json.asList(pairs.get("sides"))).containsExactly(measured, beside);
      assertThat(Json.asList(pairs.get("ratios"))).hasSize(2);
      double first = ((Number) Json.asList(pairs.get("measured")).get(0)).doubleValue();
      double other = ((Number) Json.asList(pairs.get("beside")).get(0)).doubleValue();
      assertThat(((Number) Json.asList(pairs.get("ratios")).get(0)).doubleValue())
          .isCloseTo(first / other, Percentage.withPercentage(0.1));
      assertThat(Json.number(pairs, "ratio", "median"))
          .isBetween(Json.number(pairs, "ratio", "low"), Json.number(pairs, "ratio", "high"));
      assertThat(Json.asList(result.get("phases"))).hasSize(2);
    }
  }

  @Test
  void missed_threshold_has_a_status_of_its_own() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      Map<String, Object> missed = load(
          server,
          "fanout",
          "--members",
          "2",
          "--threshold",
          "delivery_p99<1us",
          "--threshold",
          "deliveries_per_s>1");

      assertThat(status).isEqualTo(3);
      assertThat(missed).containsEntry("clean", true);
      assertThat(Json.asList(missed.get("thresholds")).stream()
              .map(each -> Json.asObject(each).get("met")))
          .containsExactly(false, true);
    }
  }

  @Test
  void rate_that_grows_sends_half_as_much_while_it_does() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      Map<String, Object> result =
          load(server, "fanout", "--members", "2", "--rate", "200", "--ramp", "1", "--warmup", "0");

      assertThat(status).isZero();
      // A second of growing, and a second of two hundred; a busy machine may not get round to the
      // last.
      assertThat(Json.number(phase(result), "sent") + Json.number(phase(result), "unsent"))
          .isEqualTo(300);
    }
  }

  @Test
  void a_server_of_its_own_is_started_for_websocket_in_tls_and_forgotten() throws Exception {
    a_server_of_its_own_is_started_and_forgotten("--via ws --tls");
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"--via ws", "--tls"})
  void a_server_of_its_own_is_started_and_forgotten(String way) throws Exception {
    Path json = directory.resolve("own.json");

    status = Main.commandLine()
        .execute(("load fanout " + way
                + " --own-server --users 2 --members 5 --publishers 2 --time 1 --warmup 0.2 --json "
                + json)
            .split(" "));

    assertThat(status).isZero();
    assertThat(Json.number(phase(Json.readObject(Files.readString(json))), "accepted"))
        .isPositive();
    // Those of the tests beside this one go as well.
    await().until(() -> dataDirectories().isEmpty());
  }

  @Tag("long")
  @Test
  void what_tls_costs_is_measured_beside_plain_frames_on_the_same_server() throws Exception {
    Path json = directory.resolve("pairs.json");

    status = Main.commandLine()
        .execute(
            ("load fanout --tls --pairs 1 --own-server --users 2 --members 3 --window 1 --time 0.3"
                    + " --warmup 0.1 --json " + json)
                .split(" "));

    assertThat(status).isZero();
    Map<String, Object> pairs =
        Json.asObject(Json.readObject(Files.readString(json)).get("pairs"));
    assertThat(pairs.get("sides")).isEqualTo(List.of("frames over TLS", "plain frames"));
    assertThat(Json.number(pairs, "goal")).isEqualTo(1.4);
  }

  @Test
  void distance_of_redis_is_that_of_a_server_of_its_own() {
    status = Main.commandLine().execute("load", "publish", "--redis-delay", "50ms");

    assertThat(status).isEqualTo(2);
  }

  private static List<Path> dataDirectories() throws Exception {
    try (Stream<Path> files = Files.list(Path.of("").toAbsolutePath())) {
      return files
          .filter(file -> file.getFileName()
              .toString()
              .startsWith("gochat-load-" + ProcessHandle.current().pid()))
          .toList();
    }
  }

  @Test
  void users_are_registered_once_and_survive_a_wiped_server() throws Exception {
    try (FaultyServer server = new FaultyServer(Fault.NONE)) {
      load(server, "fanout", "--members", "2", "--users", "4");
      load(server, "fanout", "--members", "2", "--users", "4");

      assertThat(server.registrations).hasValue(4);
    }
    try (FaultyServer wiped = new FaultyServer(Fault.NONE)) {
      load(wiped, "fanout", "--members", "2", "--users", "4");

      assertThat(status).isZero();
      assertThat(wiped.registrations).hasValue(4);
    }
  }

  @Test
  void connections_are_spread_over_the_nodes() throws Exception {
    try (FaultyServer busy = new FaultyServer(Fault.NONE);
        FaultyServer idle = new FaultyServer(Fault.NONE)) {
      // Rooms of the two are not the same: publishers get to one of them only, half of the
      // receivers to the other.
      Map<String, Object> result = load(
          busy,
          "fanout",
          "--members",
          "6",
          "--rate",
          "50",
          "--settle",
          "1",
          "--attach",
          idle.address());

      assertThat(status).isEqualTo(1);
      assertThat(Json.text(result.get("plan"))).contains(idle.address() + "," + busy.address());
      assertThat(Json.number(Json.asObject(result.get("violations")), "missing"))
          .isEqualTo(3.0 * (busy.accepted.get() + idle.accepted.get()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "fanout --attach 192.0.2.1:8080",
    "fanout --attach nonsense",
    "fanout --attach 127.0.0.1:99999",
    "fanout --rate 5 --window 5",
    "fanout --members 0",
    "fanout --members 100000",
    "fanout --time 0",
    "fanout --size 3",
    "slow --members 3",
    "slow --window 8",
    "slow --pairs 0",
    "fanout --pairs 3",
    "http --pairs 3 --rate 10",
    "http --pairs 3 --members 2",
    "publish --members 2",
    "login --pairs 0",
    "nosuch",
    "fanout --attach 127.0.0.1:1",
    "fanout --threshold delivery_p99",
    "fanout --threshold nosuch<5ms",
    "fanout --ramp 1 --window 5",
    "slow --ramp 1",
    "fanout --report /nosuch/report.html",
    "fanout --json /nosuch/now.json",
  })
  void impossible_runs_are_refused(String line) {
    List<String> all = new ArrayList<>(List.of(line.split(" ")));
    all.add(0, "load");
    all.addAll(List.of("--users-file", directory.resolve("users.json").toString()));

    status = Main.commandLine().execute(all.toArray(String[]::new));

    assertThat(status).isEqualTo(2);
  }

  private static Map<String, Object> phase(Map<String, Object> result) {
    return Json.asObject(Json.asList(result.get("phases")).get(0));
  }

  private Map<String, Object> load(FaultyServer server, String... options) throws Exception {
    Path json = directory.resolve("result.json");
    List<String> all = new ArrayList<>(List.of("load"));
    all.addAll(List.of(options));
    all.addAll(List.of(
        "--attach",
        server.address(),
        "--users-file",
        directory.resolve("users.json").toString()));
    all.addAll(List.of("--json", json.toString(), "--sources", "3"));
    withDefault(all, "--time", "1");
    withDefault(all, "--warmup", "0.2");
    // What a fault took never comes.
    withDefault(all, "--settle", server.isFaulty() ? "1" : "30");
    withDefault(all, "--users", "3");
    status = Main.commandLine().execute(all.toArray(String[]::new));
    return Json.readObject(Files.readString(json));
  }

  private static void withDefault(List<String> options, String name, String value) {
    if (!options.contains(name)) {
      options.addAll(List.of(name, value));
    }
  }
}
