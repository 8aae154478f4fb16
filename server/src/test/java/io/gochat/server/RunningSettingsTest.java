package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gochat.testing.Signals;
import io.gochat.testing.TestCertificates;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process: what SIGHUP makes of its settings and files, and what its log looks like for machines. */
@Timeout(120)
class RunningSettingsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(30);

  @TempDir
  private Path directory;

  private @Nullable Process process;

  @AfterEach
  void kill() throws InterruptedException {
    if (process != null) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void a_hang_up_takes_what_can_change_and_says_what_waits_for_a_restart() throws Exception {
    Path config = write("registration=open", "publish-rate=5");
    int port = start("--config=" + config);
    assertThat(register(port, "alice")).isEqualTo(200);

    write("registration=closed", "publish-rate=5", "log-level=debug", "max-text-bytes=99");
    hangUp();

    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(log())
            .anyMatch(line -> line.contains("INFO")
                && line.contains("changed: --log-level=debug --registration=closed"))
            .anyMatch(line ->
                line.contains("WARN") && line.contains("wait for a restart: --max-text-bytes=99")));
    assertThat(register(port, "bob")).isEqualTo(403);
  }

  @Test
  void a_file_that_is_wrong_changes_nothing_and_is_told() throws Exception {
    Path config = write("registration=open");
    int port = start("--config=" + config);

    write("registration=closed", "prot=1");
    hangUp();

    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(log())
            .anyMatch(line -> line.contains("WARN")
                && line.contains("the settings stay those of before: ")
                && line.contains("line 2: there is no flag --prot.")));
    assertThat(register(port, "alice")).isEqualTo(200);
  }

  @Test
  void a_hang_up_takes_a_renewed_certificate_too() throws Exception {
    TestCertificates authority = new TestCertificates();
    String[] pair = TestCertificates.write(authority.server(), directory);
    start(pair[0], pair[1], "--plaintext=allow");

    TestCertificates.write(authority.server(), directory);
    hangUp();

    await()
        .atMost(SOON)
        .untilAsserted(() ->
            assertThat(log()).anyMatch(line -> line.contains("the TLS certificate was renewed")));
  }

  @Test
  void as_json_every_line_is_an_object_and_stdout_has_the_ready_line() throws Exception {
    start("--log-format=json", "--data-dir=" + directory.resolve("my \"data\""));
    process().toHandle().destroy();
    assertThat(process().waitFor()).isZero();

    List<JsonNode> lines = new ArrayList<>();
    for (String line : log()) {
      lines.add(JSON.readTree(line));
    }
    assertThat(lines).hasSizeGreaterThanOrEqualTo(4).allSatisfy(line -> {
      assertThat(line.path("time").asText())
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
      assertThat(line.path("level").asText()).isIn("INFO", "WARN");
      assertThat(line.path("logger").asText()).startsWith("io.gochat.");
      assertThat(line.path("thread").asText()).isNotEmpty();
    });
    assertThat(lines.get(0).path("message").asText())
        .contains(" starts; ", "my \"data\"", "--log-format=json");
    assertThat(lines.get(lines.size() - 1).path("message").asText()).isEqualTo("stopped");
  }

  @Test
  void as_json_a_refused_start_is_an_object_too() throws Exception {
    launch("--log-format=json", "--out-budget=1000GB");

    assertThat(process().waitFor()).isEqualTo(2);
    List<String> log = log();
    JsonNode last = JSON.readTree(log.get(log.size() - 1));
    assertThat(last.path("level").asText()).isEqualTo("ERROR");
    assertThat(last.path("message").asText()).startsWith("--out-budget=");
  }

  private void hangUp() throws Exception {
    Signals.assumeHangUpIsHeard();
    Process kill = new ProcessBuilder("kill", "-HUP", Long.toString(process().pid())).start();
    assumeTrue(kill.waitFor() == 0, "needs kill");
  }

  private Path write(String... lines) throws IOException {
    return Files.write(directory.resolve("chat.conf"), List.of(lines));
  }

  private int start(String... flags) throws IOException {
    launch(flags);
    BufferedReader out = new BufferedReader(
        new InputStreamReader(process().getInputStream(), StandardCharsets.UTF_8));
    String ready = String.valueOf(out.readLine());
    assertThat(ready).as("%s", log()).startsWith("gochat ready on 127.0.0.1:");
    return Integer.parseInt(ready.replaceAll(".*127\\.0\\.0\\.1:(\\d+) .*", "$1"));
  }

  private void launch(String... flags) throws IOException {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1"));
    if (Runtime.version().feature() >= 24) {
      command.add("--sun-misc-unsafe-memory-access=allow");
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(List.of(
        "-cp",
        ServerProcessTest.mainClasspath(),
        Main.class.getName(),
        "server",
        "--host=127.0.0.1",
        "--port=0",
        "--bcrypt-cost=4",
        "--min-free-disk=0",
        "--max-connections=100"));
    if (List.of(flags).stream().noneMatch(flag -> flag.startsWith("--data-dir"))) {
      command.add("--data-dir=" + directory.resolve("data"));
    }
    command.addAll(List.of(flags));
    process = new ProcessBuilder(command)
        .redirectError(directory.resolve("stderr").toFile())
        .start();
  }

  private Process process() {
    return Objects.requireNonNull(process);
  }

  private List<String> log() throws IOException {
    return Files.readAllLines(directory.resolve("stderr"));
  }

  private static int register(int port, String name) throws IOException, InterruptedException {
    String body = "{\"username\":\"" + name + "\",\"password\":\"secret\"}";
    HttpRequest request = HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + port + "/user/register"))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }
}
