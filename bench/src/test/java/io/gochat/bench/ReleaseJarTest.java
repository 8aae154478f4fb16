package io.gochat.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.process.ServerProcess;
import io.gochat.bench.verify.Jars;
import java.io.File;
import java.io.IOException;
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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The release archive, made of the jars that were just built, on what a machine of an operator has: a JRE of jlink, a
 * few commands, an empty home; neither Maven nor a JDK nor the sources.
 */
@Timeout(300)
class ReleaseJarTest {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final String VERSION = "0.0.0-test";
  private static final List<String> COMMANDS =
      List.of("bash", "env", "dirname", "readlink", "sed", "mv", "rm");

  @TempDir
  static Path directory;

  private static Path archive;
  private static Path release;

  @BeforeAll
  static void unpack() throws Exception {
    Jars.server();
    Jars.tools();
    archive = pack("one");
    run(new ProcessBuilder("tar", "-xzf", archive.toString()));
    release = directory.resolve("gochat-" + VERSION);
    jre();
    Path path = Files.createDirectory(directory.resolve("bin"));
    for (String command : COMMANDS) {
      Path door = path.resolve(command);
      Files.writeString(door, "#!/bin/sh\nexec " + find(command) + " \"$@\"\n");
      assertThat(door.toFile().setExecutable(true)).isTrue();
    }
    Files.createDirectory(directory.resolve("home"));
  }

  private static Path pack(String into) throws Exception {
    String printed = run(new ProcessBuilder(
        "bash",
        REPOSITORY.resolve(".ci/archive").toString(),
        VERSION,
        directory.resolve(into).toString()));
    return Path.of(printed.strip());
  }

  private static void jre() throws Exception {
    Path jdk = Path.of(System.getProperty("java.home"));
    Assumptions.assumeTrue(
        Files.isExecutable(jdk.resolve("bin/jlink")), "this JDK has no jlink: no JRE can be made");
    run(new ProcessBuilder(
        jdk.resolve("bin/jlink").toString(),
        "--add-modules",
        "java.se,jdk.unsupported,jdk.crypto.ec",
        "--output",
        directory.resolve("jre").toString()));
  }

  private static Path find(String command) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .map(each -> Path.of(each, command))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + command));
  }

  @Test
  void a_server_of_the_release_runs_on_a_jre() throws Exception {
    ProcessBuilder builder = ofAnOperator(new ProcessBuilder(
        release.resolve("gochat").toString(),
        "server",
        "--host=127.0.0.1",
        "--port=0",
        "--min-free-disk=0",
        "--data-dir=" + directory.resolve("data")));

    ServerProcess server =
        ServerProcess.start(builder, directory.resolve("server.log"), Duration.ofMinutes(2));

    try {
      HttpClient client = HttpClient.newHttpClient();
      for (String each : List.of("/healthz", "/", "/client/gochat.js", "/openapi.json")) {
        URI uri = URI.create("http://127.0.0.1:" + server.port() + each);
        HttpResponse<String> answer =
            client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(each).isEqualTo(200);
      }
    } finally {
      server.destroy();
    }
  }

  @Tag("long")
  @Test
  void the_tools_of_the_release_run_on_a_jre() throws Exception {
    for (String tool : List.of("chat", "load", "verify", "admin", "backup")) {
      assertThat(launch(tool, "--help")).as(tool).contains("Usage:");
    }
    assertThat(launch("verify", "--duration", "1s", "--faults", "none"))
        .as("with the server of the release")
        .contains("PASS");
  }

  @Test
  void a_release_has_what_an_operator_needs_and_no_sources() throws Exception {
    for (String each : List.of(
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "SECURITY.md",
        "VERSION",
        "docs/operations.md",
        "deploy/gochat.service",
        "sdk/javascript/gochat.js")) {
      assertThat(release.resolve(each)).exists();
    }
    try (Stream<Path> files = Files.walk(release)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.equals("pom.xml") || name.startsWith("mvnw"));
    }
  }

  @Tag("long")
  @Test
  void the_same_jars_make_the_same_archive() throws Exception {
    Path again = pack("two");

    assertThat(Files.mismatch(archive, again)).isEqualTo(-1);
  }

  private static String launch(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(release.resolve("gochat").toString()));
    command.addAll(List.of(arguments));
    return run(ofAnOperator(new ProcessBuilder(command)));
  }

  private static ProcessBuilder ofAnOperator(ProcessBuilder builder) {
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", directory.resolve("bin").toString());
    environment.put("HOME", directory.resolve("home").toString());
    environment.put("JAVA_HOME", directory.resolve("jre").toString());
    return builder;
  }

  private static String run(ProcessBuilder builder) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    Process process = builder
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS))
        .as("%s", builder.command())
        .isTrue();
    return Files.readString(output, StandardCharsets.UTF_8);
  }
}
