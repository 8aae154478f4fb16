package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.config.StoreConfig;
import io.gochat.server.redis.RedisAddress;
import io.gochat.server.redis.RedisDeployment;
import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of {@code deploy/} against the server's own flags and, where they are installed, the tools that read them. */
class DeploymentTest {
  private static final Path DEPLOY = Path.of("..", "deploy");

  @Test
  void the_nodes_of_the_compose_file_have_settings_that_the_server_takes() throws IOException {
    Map<String, Map<String, Object>> services = services();

    for (String node : List.of("node1", "node2", "node3")) {
      Map<String, String> environment = new TreeMap<>();
      map(map(services.get(node)).get("environment"))
          .forEach((name, value) -> environment.put(name, String.valueOf(value)));
      StoreConfig store = parsed(environment).store();
      assertThat(store.nodeId()).isEqualTo(node);
      assertThat(store.redis())
          .contains(RedisDeployment.at(RedisAddress.parse("redis://redis:6379")));
      assertThat(map(services.get(node)).get("depends_on"))
          .isEqualTo(Map.of("redis", Map.of("condition", "service_healthy")));
    }
  }

  @Test
  void the_redis_of_the_compose_file_evicts_nothing_and_keeps_what_it_acknowledged()
      throws IOException {
    Object command = map(services().get("redis")).get("command");

    assertThat(String.valueOf(command))
        .contains("--appendonly, yes", "--appendfsync, always", "--maxmemory-policy, noeviction");
  }

  @Test
  void both_balancers_hand_the_address_of_the_client_on_to_every_node() throws IOException {
    String haproxy = read("haproxy.cfg");

    assertThat(haproxy).contains("mode tcp", "send-proxy-v2", "GET /readyz");
    for (String node : List.of("node1", "node2", "node3")) {
      assertThat(haproxy).containsOnlyOnce("server " + node + " " + node + ":8080");
      assertThat(services()).containsKey(node);
    }
    assertThat(read("nginx-stream.conf")).contains("stream {", "proxy_protocol on;");
    assertThat(read("nginx.conf"))
        .contains("X-Forwarded-For $remote_addr", "Upgrade $http_upgrade");
  }

  @Test
  void the_image_and_the_unit_start_the_jar_with_flags_that_exist() throws IOException {
    String dockerfile = read("Dockerfile");
    String unit = read("gochat.service");

    assertThat(dockerfile).contains("server/target/gochat-server.jar", "warm-up", "USER gochat");
    assertThat(parsed(Map.of("GOCHAT_DATA_DIR", "/data")).store().dataDir())
        .isEqualTo(Path.of("/data"));
    assertThat(settings(dockerfile)).containsExactly(entry("GOCHAT_DATA_DIR", "/data"));
    assertThat(settings(unit)).containsOnlyKeys("GOCHAT_DATA_DIR");
    String start =
        unit.lines().filter(l -> l.startsWith("ExecStart=")).findFirst().orElseThrow();
    String[] words = start.substring(start.indexOf(".jar") + 4).trim().split(" +", -1);
    assertThat(words[0]).isEqualTo("server");
    assertThat(ServerFlags.parse(Arrays.copyOfRange(words, 1, words.length), settings(unit)))
        .isNotNull();
  }

  @Test
  void systemd_accepts_the_unit(@TempDir Path directory) throws Exception {
    String tool = installed("systemd-analyze");
    Path unit = directory.resolve("gochat.service");
    // It looks for the program as well, and the JVM of this machine may be elsewhere.
    Files.writeString(unit, read("gochat.service").replace("/usr/bin/java", "/bin/sh"));

    assertThat(run(tool, "verify", unit.toString())).isEqualTo(new Outcome(0, ""));
  }

  @Test
  void haproxy_accepts_its_file() throws Exception {
    String tool = installed("haproxy");

    assertThat(run(tool, "-c", "-f", DEPLOY.resolve("haproxy.cfg").toString()).status())
        .isZero();
  }

  @Test
  void every_nginx_accepts_the_file_for_http() throws Exception {
    assertThat(nginxOn("nginx.conf")).contains("syntax is ok");
  }

  @Test
  void an_nginx_with_its_stream_module_accepts_the_file_for_tcp() throws Exception {
    String output = nginxOn("nginx-stream.conf");

    assumeTrue(
        !output.contains("unknown directive \"stream\""),
        "this nginx has no stream module: its syntax check is skipped");
    assertThat(output).contains("syntax is ok");
  }

  private static String nginxOn(String name) throws Exception {
    String tool = installed("nginx");
    return run(tool, "-t", "-c", DEPLOY.resolve(name).toAbsolutePath().toString())
        .output();
  }

  @Test
  void the_nodes_with_tls_have_settings_that_the_server_takes_and_files_that_are_mounted()
      throws IOException {
    Map<String, Map<String, Object>> services = services("compose.tls.yaml");

    for (String node : List.of("node1", "node2", "node3")) {
      Map<String, Object> service = map(services.get(node));
      Map<String, String> environment = new TreeMap<>();
      map(service.get("environment"))
          .forEach((name, value) -> environment.put(name, String.valueOf(value)));
      assertThat(parsed(environment).tls().options().orElseThrow().certificate())
          .isEqualTo(Path.of("/tls/cert.pem"));
      assertThat(service.get("volumes")).isEqualTo(List.of("./tls:/tls:ro"));
    }
  }

  @Test
  void the_balancer_checks_the_port_that_the_nodes_keep_for_operations() throws IOException {
    Map<String, Object> environment = map(map(services().get("node1")).get("environment"));

    assertThat(environment.get("GOCHAT_OPERATIONS_ADDRESS")).isEqualTo("0.0.0.0:9090");
    assertThat(read("haproxy.cfg")).contains("check port 9090");
  }

  private static ServerConfig parsed(Map<String, String> environment) {
    return ServerFlags.parse(new String[0], environment);
  }

  /** Lines such as {@code ENV NAME=value} and {@code Environment=NAME=value}. */
  private static Map<String, String> settings(String file) {
    Map<String, String> settings = new TreeMap<>();
    Pattern.compile("^(?:ENV |Environment=)(GOCHAT_\\w+)=(\\S+)$", Pattern.MULTILINE)
        .matcher(file)
        .results()
        .forEach((MatchResult found) -> settings.put(found.group(1), found.group(2)));
    return settings;
  }

  private static Map<String, Map<String, Object>> services() throws IOException {
    return services("compose.yaml");
  }

  private static Map<String, Map<String, Object>> services(String file) throws IOException {
    Yaml yaml = new Yaml(new SafeConstructor(new LoaderOptions()));
    Map<String, Map<String, Object>> services = new TreeMap<>();
    map(map(yaml.load(new StringReader(read(file)))).get("services"))
        .forEach((name, service) -> services.put(name, map(service)));
    return services;
  }

  @SuppressWarnings("unchecked") // keys are strings in all of our file
  private static Map<String, Object> map(@Nullable Object node) {
    assertThat(node).isInstanceOf(Map.class);
    return (Map<String, Object>) Objects.requireNonNull(node);
  }

  private static String read(String name) throws IOException {
    return Files.readString(DEPLOY.resolve(name), StandardCharsets.UTF_8);
  }

  private static String installed(String tool) {
    List<Path> found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(directory -> Path.of(directory, tool))
        .filter(Files::isExecutable)
        .toList();
    assumeTrue(!found.isEmpty(), () -> tool + " is not installed: its syntax check is skipped");
    return found.get(0).toString();
  }

  private static Outcome run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), output);
  }

  private record Outcome(int status, String output) {}
}
