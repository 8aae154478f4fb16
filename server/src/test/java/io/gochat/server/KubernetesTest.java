package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.ServerFlags;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The manifests of {@code deploy/kubernetes} against the server's own flags and, where it is installed, kubectl. */
class KubernetesTest {
  private static final Path MANIFESTS = Path.of("..", "deploy", "kubernetes");
  private static final String ONE_NODE = "one-node.yaml";
  private static final String ON_REDIS = "nodes-on-redis.yaml";

  @TempDir
  private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {ONE_NODE, ON_REDIS})
  void the_settings_are_those_of_a_server(String file) throws IOException {
    ServerConfig config = config(file);

    assertThat(config.network().operations().orElseThrow().port())
        .isEqualTo(containerPort(file, "operations"));
    assertThat(config.network().port()).isEqualTo(containerPort(file, "gochat"));
    if (file.equals(ON_REDIS)) {
      assertThat(config.store().redis()).isPresent();
      assertThat(config.store().nodeId()).isEqualTo("gochat-0");
    } else {
      assertThat(config.store().dataDir()).isEqualTo(Path.of("/data/gochat"));
      assertThat(at(set(file), "spec", "replicas")).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE_NODE, ON_REDIS})
  void probes_ask_the_port_that_answers_them(String file) throws IOException {
    assertThat(probe(file, "livenessProbe"))
        .isEqualTo(Map.of("path", "/livez", "port", "operations"));
    assertThat(probe(file, "startupProbe"))
        .isEqualTo(Map.of("path", "/livez", "port", "operations"));
    assertThat(probe(file, "readinessProbe"))
        .isEqualTo(Map.of("path", "/readyz", "port", "operations"));
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE_NODE, ON_REDIS})
  void a_pod_that_goes_has_time_to_be_forgotten_and_then_to_drain(String file) throws IOException {
    List<Object> preStop = list(at(container(file), "lifecycle", "preStop", "exec", "command"));
    int waitsS = Integer.parseInt(String.valueOf(preStop.get(1)));

    assertThat(preStop.get(0)).isEqualTo("sleep");
    assertThat((Integer) at(pod(file), "terminationGracePeriodSeconds"))
        .isGreaterThanOrEqualTo(waitsS + 30);
    assertThat(at(pod(file), "enableServiceLinks")).isEqualTo(false);
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE_NODE, ON_REDIS})
  void services_find_the_pods_and_a_node_that_is_not_ready_is_still_looked_at(String file)
      throws IOException {
    Object labels = at(set(file), "spec", "template", "metadata", "labels");
    List<Map<String, Object>> services = ofKind(file, "Service");

    assertThat(services)
        .hasSize(2)
        .allSatisfy(service -> assertThat(at(service, "spec", "selector")).isEqualTo(labels));
    assertThat(at(services.get(1), "metadata", "name"))
        .isEqualTo(at(set(file), "spec", "serviceName"));
    assertThat(at(services.get(1), "spec", "publishNotReadyAddresses")).isEqualTo(true);
  }

  @ParameterizedTest
  @ValueSource(strings = {ONE_NODE, ON_REDIS})
  void kubectl_knows_every_field_of_the_stateful_set(String file) throws Exception {
    String kubectl = installed();
    Path alone = Files.writeString(directory.resolve("set.yaml"), new Yaml().dump(set(file)));

    // Of all that it does without a cluster, this reads a set into its own types: what it does not
    // know is gone after it.
    Process process = new ProcessBuilder(
            kubectl,
            "set",
            "image",
            "--local",
            "-o",
            "yaml",
            "-f",
            alone.toString(),
            "gochat=checked")
        .redirectErrorStream(true)
        .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).as(output).isZero();
    assertKept(
        set(file), yaml(output.replace("image: checked", "image: gochat")).get(0), "");
  }

  private static void assertKept(Object ours, @Nullable Object theirs, String path) {
    if (ours instanceof Map<?, ?> map) {
      assertThat(theirs).as(path).isInstanceOf(Map.class);
      map.forEach((key, value) -> assertKept(
          value, ((Map<?, ?>) Objects.requireNonNull(theirs)).get(key), path + "." + key));
    } else if (ours instanceof List<?> list) {
      assertThat(list(theirs)).as(path).hasSameSizeAs(list);
      for (int i = 0; i < list.size(); i++) {
        assertKept(list.get(i), list(theirs).get(i), path + "[" + i + "]");
      }
    } else {
      assertThat(theirs).as(path).isEqualTo(ours);
    }
  }

  private ServerConfig config(String file) throws IOException {
    Object conf = at(ofKind(file, "ConfigMap").get(0), "data", "gochat.conf");
    Path copy = Files.writeString(directory.resolve("gochat.conf"), String.valueOf(conf));
    List<Object> args = list(at(container(file), "args"));
    assertThat(args).containsExactly("server", "--config=/etc/gochat/gochat.conf");
    Map<String, String> environment = new HashMap<>();
    if (file.equals(ON_REDIS)) {
      for (Object variable : list(at(container(file), "env"))) {
        String name = String.valueOf(at(variable, "name"));
        environment.put(name, name.equals("GOCHAT_REDIS") ? "redis://redis:6379" : "gochat-0");
      }
    }
    return ServerFlags.parse(new String[] {"--config=" + copy}, environment);
  }

  private static Object probe(String file, String probe) throws IOException {
    return at(container(file), probe, "httpGet");
  }

  private static int containerPort(String file, String name) throws IOException {
    for (Object port : list(at(container(file), "ports"))) {
      if (at(port, "name").equals(name)) {
        return (Integer) at(port, "containerPort");
      }
    }
    throw new AssertionError("no port " + name);
  }

  private static Object container(String file) throws IOException {
    return list(at(pod(file), "containers")).get(0);
  }

  private static Object pod(String file) throws IOException {
    return at(set(file), "spec", "template", "spec");
  }

  private static Map<String, Object> set(String file) throws IOException {
    return ofKind(file, "StatefulSet").get(0);
  }

  private static List<Map<String, Object>> ofKind(String file, String kind) throws IOException {
    return yaml(Files.readString(MANIFESTS.resolve(file))).stream()
        .filter(document -> kind.equals(document.get("kind")))
        .toList();
  }

  @SuppressWarnings("unchecked") // keys are strings in all manifests
  private static List<Map<String, Object>> yaml(String text) {
    List<Map<String, Object>> documents = new ArrayList<>();
    new Yaml(new SafeConstructor(new LoaderOptions()))
        .loadAll(text)
        .forEach(document -> documents.add((Map<String, Object>) document));
    return documents;
  }

  private static Object at(Object node, String... path) {
    Object found = node;
    for (String key : path) {
      assertThat(found).as(key).isInstanceOf(Map.class);
      found = Objects.requireNonNull(((Map<?, ?>) found).get(key), key);
    }
    return found;
  }

  @SuppressWarnings("unchecked")
  private static List<Object> list(@Nullable Object node) {
    assertThat(node).isInstanceOf(List.class);
    return (List<Object>) Objects.requireNonNull(node);
  }

  private static String installed() {
    List<Path> found = Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .map(place -> Path.of(place, "kubectl"))
        .filter(Files::isExecutable)
        .toList();
    assumeTrue(!found.isEmpty(), "kubectl is not installed");
    return found.get(0).toString();
  }
}
