package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server as a process: ready line, signals, exit status, refusals. */
@Timeout(120)
class ServerProcessTest {
  private static final Pattern READY = Pattern.compile(
      "gochat ready on 127\\.0\\.0\\.1:(\\d+) in \\d+\\.\\d{3} s \\(store: embedded .*\\)");

  private static final Path PRLIMIT = Path.of("/usr/bin/prlimit");
  private static final Path SETPRIV = Path.of("/usr/bin/setpriv");

  @TempDir
  private Path directory;

  private final List<Process> processes = new ArrayList<>();
  private final List<String> jvmOptions = new ArrayList<>();
  private final List<String> prefix = new ArrayList<>();

  @AfterEach
  void killWhatIsLeft() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void the_ready_line_is_all_of_standard_output_and_sigterm_ends_with_status_0() throws Exception {
    Process server = start("--data-dir=" + data());
    BufferedReader out = reader(server);
    int port = portOf(out.readLine());
    assertThat(get(port, "/readyz")).isEqualTo(200);

    server.toHandle().destroy(); // SIGTERM; Process.destroy would close the stream as well

    assertThat(server.waitFor()).isZero();
    assertThat(out.readLine()).isNull();
  }

  @Test
  void after_sigkill_it_starts_again_on_the_same_directory() throws Exception {
    Process first = start("--data-dir=" + data());
    int port = portOf(reader(first).readLine());
    assertThat(register(port, "alice")).isEqualTo(200);

    first.destroyForcibly().waitFor();
    Process second = start("--data-dir=" + data());
    int again = portOf(reader(second).readLine());

    assertThat(register(again, "alice")).isEqualTo(400);
    assertThat(register(again, "bob")).isEqualTo(200);
  }

  @Test
  void a_directory_in_use_is_refused_with_status_1_and_one_line() throws Exception {
    Process first = start("--data-dir=" + data());
    portOf(reader(first).readLine());

    Process second = start("--data-dir=" + data());

    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(errors())
        .hasSize(1)
        .first()
        .asString()
        .contains("in use")
        .contains(data().toString());
  }

  @Test
  void a_directory_of_a_newer_version_is_refused_with_status_1_and_one_line() throws Exception {
    Process first = start("--data-dir=" + data());
    portOf(reader(first).readLine());
    first.destroy();
    first.waitFor();
    Files.writeString(data().resolve("gochat.format"), "1000\n");

    Process second = start("--data-dir=" + data());

    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(errors()).hasSize(1).first().asString().contains("newer version");
  }

  @Test
  void a_clock_of_1970_is_refused_with_status_1_and_one_line() throws Exception {
    Path offset = Files.writeString(
        directory.resolve("offset"), Long.toString(12_000 - System.currentTimeMillis()));
    jvmOptions.add("-Dgochat.clock.file=" + offset);

    Process server = start("--data-dir=" + data());

    assertThat(server.waitFor()).isEqualTo(1);
    assertThat(errors()).hasSize(1).first().asString().contains("1970", "Set the clock");
  }

  @Test
  void an_open_files_limit_without_room_for_a_connection_is_refused_with_one_line()
      throws Exception {
    assumeTrue(Files.isExecutable(PRLIMIT), "needs prlimit");
    prefix.addAll(List.of(PRLIMIT.toString(), "--nofile=400:400", "--"));

    Process server = start("--data-dir=" + data());

    assertThat(server.waitFor()).isEqualTo(1);
    assertThat(errors())
        .hasSize(1)
        .first()
        .asString()
        .contains("open-files limit of 400", "ulimit -n");
  }

  @Test
  void a_directory_of_another_user_is_refused_as_such_with_one_line() throws Exception {
    Process first = start("--data-dir=" + data());
    portOf(reader(first).readLine());
    first.destroy();
    first.waitFor();
    assumeTrue(
        "root".equals(System.getProperty("user.name")) && Files.isExecutable(SETPRIV),
        "needs to be root, to give a file away and its rights up");
    run("chown", "-R", "65534", data().toString());
    prefix.addAll(
        List.of(SETPRIV.toString(), "--bounding-set=-dac_override,-dac_read_search,-fowner", "--"));

    Process second = start("--data-dir=" + data());

    assertThat(second.waitFor()).isEqualTo(1);
    assertThat(errors())
        .hasSize(1)
        .first()
        .asString()
        .contains("data is not the problem", "belongs to ", "runs as root")
        .doesNotContain("repair");
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
  }

  @Test
  void nothing_is_left_in_the_temp_directory() throws Exception {
    Path temp = Files.createDirectory(directory.resolve("tmp"));
    jvmOptions.add("-Djava.io.tmpdir=" + temp);

    for (int run = 0; run < 2; run++) {
      Process server = start("--data-dir=" + data());
      portOf(reader(server).readLine());
      server.toHandle().destroy();
      assertThat(server.waitFor()).isZero();
    }

    try (Stream<Path> left = Files.walk(temp)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
    try (Stream<Path> kept = Files.walk(data().resolve("native"))) {
      assertThat(kept.filter(Files::isRegularFile)).hasSize(1);
    }
  }

  @Test
  void a_temp_directory_that_cannot_be_written_to_does_not_matter() throws Exception {
    jvmOptions.add("-Djava.io.tmpdir=" + directory.resolve("missing"));

    Process server = start("--data-dir=" + data());

    assertThat(get(portOf(reader(server).readLine()), "/readyz")).isEqualTo(200);
  }

  @Test
  void a_data_directory_without_programs_is_refused_with_one_line() throws Exception {
    Path mounted = Files.createDirectory(directory.resolve("noexec"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "noexec,size=64m", "tmpfs", mounted.toString()) == 0,
        "needs the right to mount");
    try {
      Process server = start("--data-dir=" + mounted.resolve("data"));

      assertThat(server.waitFor()).isEqualTo(1);
      assertThat(errors())
          .hasSize(1)
          .first()
          .asString()
          .contains("native library", "noexec", "--data-dir");
    } finally {
      run("umount", mounted.toString());
    }
  }

  @Test
  void a_wrong_setting_is_refused_with_status_2_and_one_line() throws Exception {
    Process server = start("--max-text-bytes=65536");

    assertThat(server.waitFor()).isEqualTo(2);
    assertThat(errors())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("--max-text-bytes=65536 does not fit");
  }

  @Test
  void more_connections_than_the_open_files_limit_allows_are_warned_of() throws Exception {
    Process server = start("--data-dir=" + data(), "--max-connections=2000000000");
    portOf(reader(server).readLine());

    await()
        .untilAsserted(() -> assertThat(errors())
            .hasSize(2)
            .anyMatch(line -> line.contains("WARN") && line.contains("open-files limit"))
            .anyMatch(line -> line.contains("WARN") && line.contains("raise -Xmx")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"64m", "256m", "512m"})
  void a_heap_of_any_usual_size_is_divided_and_served_from(String heap) throws Exception {
    jvmOptions.add("-Xmx" + heap);
    Process server = start("--data-dir=" + data());
    int port = portOf(reader(server).readLine());

    assertThat(get(port, "/healthz")).isEqualTo(200);
    assertThat(errors()).isEmpty();
    assertThat(log().get(0)).contains("gochat", " starts; --bcrypt-cost=4 --data-dir=");
    assertThat(log().get(1)).contains("memory: ", "of it heap ", "bounds: out ");
    server.destroy();
    assertThat(server.waitFor()).isZero();
    assertThat(log()).last().asString().contains("stopped");
  }

  @Test
  void bounds_that_do_not_fit_the_heap_refuse_the_start_in_one_sentence() throws Exception {
    jvmOptions.add("-Xmx64m");
    Process server = start("--data-dir=" + data(), "--out-budget=64MB", "--write-queue=8MB");

    assertThat(server.waitFor()).isEqualTo(2);
    assertThat(log())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("--out-budget=64MB, --write-queue=8MB do not fit")
        .contains("the heap of 64MB");
  }

  @Test
  void a_warm_up_serves_once_and_ends_with_status_0_and_nothing_said() throws Exception {
    Process warmUp = launch("warm-up");

    assertThat(warmUp.waitFor()).isZero();
    assertThat(errors()).isEmpty();
    assertThat(reader(warmUp).readLine()).isNull();
  }

  private Path data() {
    return directory.resolve("data");
  }

  private Path errorFile() {
    return directory.resolve("stderr");
  }

  /** What was said of trouble; a start and a stop are said at INFO. */
  private List<String> errors() throws IOException {
    return log().stream().filter(line -> !line.contains(" INFO ")).toList();
  }

  private List<String> log() throws IOException {
    return Files.readAllLines(errorFile());
  }

  private Process start(String... flags) throws IOException {
    List<String> arguments = new ArrayList<>(
        List.of("server", "--host=127.0.0.1", "--port=0", "--bcrypt-cost=4", "--min-free-disk=0"));
    if (Arrays.stream(flags).noneMatch(flag -> flag.startsWith("--max-connections"))) {
      arguments.add(
          "--max-connections=100"); // what a start says of this machine's limit is another test's
    }
    arguments.addAll(Arrays.asList(flags));
    return launch(arguments.toArray(String[]::new));
  }

  private Process launch(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    if (Runtime.version().feature() >= 24) {
      // What the launcher and the manifest of the jar say: this JVM warns otherwise.
      command.add("--sun-misc-unsafe-memory-access=allow");
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.addAll(jvmOptions);
    command.addAll(List.of("-cp", mainClasspath(), Main.class.getName()));
    command.addAll(Arrays.asList(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(errorFile().toFile()).start();
    processes.add(process);
    return process;
  }

  /** Without the test classes, whose logging configuration would hide ours. */
  static String mainClasspath() {
    return Arrays.stream(
            System.getProperty("java.class.path").split(System.getProperty("path.separator")))
        .filter(entry -> !entry.endsWith("test-classes"))
        .reduce((a, b) -> a + System.getProperty("path.separator") + b)
        .orElseThrow();
  }

  private static BufferedReader reader(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private int portOf(String ready) throws IOException {
    Matcher matcher = READY.matcher(String.valueOf(ready));
    assertThat(matcher.matches()).as("%s %s", ready, errors()).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private static int get(int port, String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(port, path)).build());
  }

  private static int register(int port, String name) throws IOException, InterruptedException {
    String body = "{\"username\":\"" + name + "\",\"password\":\"secret\"}";
    return send(HttpRequest.newBuilder(uri(port, "/user/register"))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build());
  }

  private static int send(HttpRequest request) throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static URI uri(int port, String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }
}
