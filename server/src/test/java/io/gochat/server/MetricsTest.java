package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gochat.server.Nodes.User;
import io.gochat.server.frame.FrameTestClient;
import io.gochat.testing.TestCertificates;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What both stores show under {@code /metrics}, and that what we ship for Prometheus and Grafana asks for nothing else. */
@Timeout(120)
class MetricsTest {
  private static final Path DEPLOY = Path.of("..", "deploy");
  private static final long ROOM = 7;

  /** The only ones that one store has and the other has not. */
  private static final Pattern OF_ONE_STORE = Pattern.compile("gochat_(store_disk|redis)_.*");

  /** Unlike {@code http_requests}, of which there is one wherever HTTP is spoken. */
  private static final Pattern OURS_OR_STANDARD =
      Pattern.compile("(gochat|jvm|process|system|executor)_[a-z0-9_]+");

  /** What promtool takes for an abbreviated or a derived unit, where a base unit should stand. */
  private static final Set<String> NO_UNITS = Set.of(
      "s",
      "ms",
      "us",
      "ns",
      "sec",
      "b",
      "kb",
      "mb",
      "gb",
      "tb",
      "m",
      "h",
      "d",
      "minutes",
      "hours",
      "days",
      "weeks",
      "bits",
      "milliseconds",
      "microseconds",
      "nanoseconds",
      "kilobytes",
      "megabytes",
      "gigabytes",
      "kibibytes",
      "mebibytes");

  private static final Nodes NODES = new Nodes();
  private static final Map<Nodes.On, Scrape> SCRAPES = new EnumMap<>(Nodes.On.class);

  @TempDir
  private static Path directory;

  @BeforeAll
  static void serve_somebody_on_both_stores() throws Exception {
    List<String> flags = new ArrayList<>(
        List.of(TestCertificates.write(new TestCertificates().server(), directory)));
    flags.add("--plaintext=allow");
    // Nobody listens there: what is shown of an endpoint does not need one that works.
    flags.add("--webhooks=" + Files.writeString(directory.resolve("webhooks.json"), """
        [{"name": "crm", "url": "https://127.0.0.1:1/hook", "events": ["message.published"],
          "secrets": ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"], "allow_private": true}]
        """));
    for (Nodes.On store : Nodes.On.values()) {
      Server node = NODES
          .start(store, directory.resolve("data"), flags.toArray(String[]::new))
          .get(0);
      serve(node);
      // What belongs to the process is added behind the ready line, what is handed over behind the
      // answer.
      await().untilAsserted(() -> {
        Scrape scrape = Scrape.of(node.port());
        assertThat(scrape.sampled())
            .contains("process_cpu_seconds_total", "gochat_webhook_working");
        assertThat(scrape.sum("gochat_publish_handed_over_seconds_count"))
            .isGreaterThanOrEqualTo(1);
        SCRAPES.put(store, scrape);
      });
    }
  }

  private static void serve(Server node) {
    User alice = NODES.signIn(node, "alice");
    NODES.logInAttempt(node, "nobody");
    FrameTestClient member = NODES.connect(node, alice, "desk");
    member.join(ROOM);
    NODES.pushRoom(node, alice, ROOM, "over HTTP", "");
    member.publish(FrameTestClient.room(ROOM), "over frames");
    member.deliveries(2);
  }

  @AfterAll
  static void stop() {
    NODES.close();
  }

  @ParameterizedTest
  @EnumSource(Nodes.On.class)
  void every_metric_says_what_it_is(Nodes.On store) {
    Scrape scrape = scrape(store);

    assertThat(scrape.metrics()).hasSizeGreaterThan(60).allSatisfy(name -> {
      assertThat(scrape.help().getOrDefault(name, "")).as("help of %s", name).hasSizeGreaterThan(5);
      if (name.startsWith("gochat_")) {
        assertThat(scrape.help().get(name)).as("help of %s", name).matches("[A-Z1].*");
      }
    });
  }

  @ParameterizedTest
  @EnumSource(Nodes.On.class)
  void names_and_units_are_those_of_prometheus(Nodes.On store) {
    Scrape scrape = scrape(store);

    scrape.types().forEach((name, type) -> {
      assertThat(name).matches(OURS_OR_STANDARD);
      assertThat(name.endsWith("_total"))
          .as("%s is a %s", name, type)
          .isEqualTo(type.equals("counter"));
      assertThat(List.of(name.split("_"))).as(name).doesNotContainAnyElementsOf(NO_UNITS);
      assertThat(name).doesNotEndWith("_count").doesNotEndWith("_sum").doesNotEndWith("_bucket");
      assertThat(type).isIn("counter", "gauge", "histogram", "summary");
    });
  }

  @ParameterizedTest
  @EnumSource(Nodes.On.class)
  void promtool_finds_nothing_to_say(Nodes.On store) throws Exception {
    Path file =
        Files.writeString(directory.resolve(store + ".prom"), scrape(store).text());

    assertThat(promtool(file, "check", "metrics")).isEqualTo("");
  }

  @Test
  void both_stores_have_the_same_metrics() {
    assertThat(shared(Nodes.On.REDIS)).isEqualTo(shared(Nodes.On.DIRECTORY));
  }

  private static Set<String> shared(Nodes.On store) {
    Set<String> names = new TreeSet<>(scrape(store).metrics());
    names.removeIf(name -> OF_ONE_STORE.matcher(name).matches());
    // There once the first collection of its kind was.
    names.removeIf(name -> name.startsWith("jvm_gc_"));
    return names;
  }

  @ParameterizedTest
  @EnumSource(Nodes.On.class)
  void what_was_served_is_counted_by_kind_and_timed_in_buckets(Nodes.On store) {
    Scrape scrape = scrape(store);

    assertThat(scrape.sum("gochat_frame_commands_total", "command=join")).isEqualTo(1);
    assertThat(scrape.sum("gochat_frame_commands_total", "command=publish")).isEqualTo(1);
    assertThat(scrape.sum("gochat_http_latency_seconds_count", "endpoint=push_room"))
        .isEqualTo(1);
    assertThat(scrape.sum("gochat_http_latency_seconds_bucket", "endpoint=push_room", "le=+Inf"))
        .isEqualTo(1);
    assertThat(scrape.sum("gochat_publish_durable_seconds_count")).isEqualTo(2);
    assertThat(scrape.sum("gochat_publish_durable_seconds_bucket", "le=+Inf")).isEqualTo(2);
    assertThat(scrape.sum("gochat_publish_handed_over_seconds_bucket", "le=+Inf"))
        .isPositive();
    assertThat(scrape.sum("gochat_refused_total", "reason=bad_credentials")).isEqualTo(1);
    // Who came may have been told of as well.
    assertThat(scrape.sum("gochat_fanout_deliveries_total")).isGreaterThanOrEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Nodes.On.class)
  void a_node_says_what_it_is_and_whether_it_wants_traffic(Nodes.On store) {
    Scrape scrape = scrape(store);

    assertThat(scrape.sum("gochat_ready")).isEqualTo(1);
    assertThat(scrape.sum(
            "gochat_build_info", "store=" + (store == Nodes.On.REDIS ? "redis" : "embedded")))
        .isEqualTo(1);
    assertThat(scrape.sum("gochat_store_full")).isZero();
  }

  @Test
  void the_disk_is_shown_beside_what_it_may_come_to() {
    Scrape scrape = scrape(Nodes.On.DIRECTORY);

    assertThat(scrape.sum("gochat_store_disk_bytes")).isPositive();
    assertThat(scrape.sum("gochat_store_disk_free_bytes")).isPositive();
    assertThat(scrape.sampled())
        .contains("gochat_store_disk_limit_bytes", "gochat_store_disk_free_least_bytes");
  }

  @Test
  void calls_of_redis_are_timed_by_command_and_what_waits_there_on_purpose_is_not() {
    Scrape scrape = scrape(Nodes.On.REDIS);

    assertThat(scrape.sum("gochat_redis_call_seconds_count", "command=evalsha")).isPositive();
    assertThat(scrape.sum("gochat_redis_call_seconds_bucket", "command=evalsha", "le=+Inf"))
        .isPositive();
    assertThat(scrape.sum("gochat_redis_call_seconds_count", "command=xread")).isZero();
  }

  @Test
  void the_dashboard_asks_for_metrics_that_exist() throws Exception {
    JsonNode dashboard =
        new ObjectMapper().readTree(DEPLOY.resolve("grafana-dashboard.json").toFile());
    Set<String> asked = new TreeSet<>();
    dashboard.findValuesAsText("expr").forEach(query -> asked.addAll(metricsIn(query)));
    dashboard.findValuesAsText("definition").forEach(query -> asked.addAll(metricsIn(query)));

    assertThat(asked).hasSizeGreaterThan(40).isSubsetOf(onEitherStore());
    assertThat(dashboard.findValuesAsText("title")).doesNotContain("").hasSizeGreaterThan(30);
  }

  @Test
  void the_alerts_ask_for_metrics_that_exist_and_the_manual_says_what_each_asks_for()
      throws Exception {
    String manual = Files.readString(Path.of("..", "docs", "operations.md"));
    List<Map<String, Object>> rules = alerts();

    assertThat(rules).hasSizeGreaterThan(10).allSatisfy(rule -> {
      String name = String.valueOf(rule.get("alert"));
      Set<String> asked = metricsIn(String.valueOf(rule.get("expr")));
      asked.remove("up"); // Prometheus' own
      assertThat(onEitherStore()).as(name).containsAll(asked);
      assertThat(manual).contains("`" + name + "`");
      assertThat(String.valueOf(rule.get("labels"))).containsAnyOf("page", "ticket");
      assertThat(String.valueOf(rule.get("annotations"))).contains("summary=");
    });
  }

  @Test
  void promtool_takes_the_alerts() throws Exception {
    Path rules = DEPLOY.resolve("prometheus-alerts.yaml");

    assertThat(promtool(rules, "check", "rules", rules.toString())).contains("SUCCESS");
  }

  @Test
  void what_the_documents_name_exists() throws IOException {
    Set<String> named = new TreeSet<>();
    for (String document : List.of("README.md", "docs/operations.md", "docs/measuring.md")) {
      Pattern.compile("`(gochat_[a-z_]+)")
          .matcher(Files.readString(Path.of("..", document)))
          .results()
          .forEach(found -> named.add(found.group(1)));
    }
    named.removeIf(name -> name.endsWith("_")); // the beginning of several

    Set<String> known = new TreeSet<>(onEitherStore());
    known.addAll(scrape(Nodes.On.REDIS).metrics());
    known.addAll(scrape(Nodes.On.DIRECTORY).metrics());
    assertThat(named).hasSizeGreaterThan(20).isSubsetOf(known);
  }

  @SuppressWarnings("unchecked") // as Prometheus wants it
  private static List<Map<String, Object>> alerts() throws IOException {
    Map<String, List<Map<String, List<Map<String, Object>>>>> file = new Yaml(
            new SafeConstructor(new LoaderOptions()))
        .load(Files.readString(DEPLOY.resolve("prometheus-alerts.yaml")));
    return file.getOrDefault("groups", List.of()).get(0).getOrDefault("rules", List.of());
  }

  private static Set<String> onEitherStore() {
    Set<String> names = new TreeSet<>(scrape(Nodes.On.DIRECTORY).sampled());
    names.addAll(scrape(Nodes.On.REDIS).sampled());
    return names;
  }

  /** What is in no braces, no quotes and no brackets, is followed by no call, and is no word of the language. */
  private static Set<String> metricsIn(String query) {
    String bare = query
        .replaceAll("label_values\\(([^,]*),[^)]*\\)", "$1")
        .replaceAll("\\{[^}]*\\}", "")
        .replaceAll("\\[[^\\]]*\\]", "")
        .replaceAll("\\bby \\([^)]*\\)", "");
    Set<String> names = new TreeSet<>();
    Pattern.compile("\\b[a-z][a-z0-9_]*\\b(?!\\s*\\()")
        .matcher(bare)
        .results()
        .forEach(found -> names.add(found.group()));
    names.removeAll(Set.of("or", "and", "unless", "e9", "sum", "max", "min", "count"));
    return names;
  }

  private static Scrape scrape(Nodes.On store) {
    return Objects.requireNonNull(SCRAPES.get(store));
  }

  /** What it printed; skipped where there is none. */
  private static String promtool(Path input, String... words) throws Exception {
    List<Path> found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(place -> Path.of(place, "promtool"))
        .filter(Files::isExecutable)
        .toList();
    assumeThat(found).as("promtool is not installed").isNotEmpty();
    List<String> command = new ArrayList<>(List.of(found.get(0).toString()));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectInput(input.toFile())
        .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
