package io.gochat.bench.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.bench.process.ServerProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code verify} says when nothing can be judged, as a process of its own: that is no broken promise. */
@Timeout(120)
class VerifyCommandTest {
  @TempDir
  private Path directory;

  private Path temp;

  @BeforeEach
  void makeDirectories() throws IOException {
    temp = Files.createDirectory(directory.resolve("tmp"));
  }

  @Test
  void no_server_at_the_address_is_a_sentence_and_status_2() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    assertThat(verify("--attach", "127.0.0.1:" + port)).isEqualTo(2);
    assertThat(lines().get(lines().size() - 1))
        .startsWith(
            "./gochat verify: the run was not possible: no server answers at 127.0.0.1:" + port);
    assertThat(lines()).noneMatch(line -> line.startsWith("\tat "));
    assertThat(left()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"crash", "storm"})
  void no_jar_to_start_is_a_sentence_status_2_and_leaves_nothing(String scenario) throws Exception {
    assertThat(verify("--scenario", scenario, "--server-jar", "missing.jar")).isEqualTo(2);
    assertThat(lines().get(lines().size() - 1)).contains("no such file: missing.jar");
    assertThat(left()).isEmpty();
  }

  private int verify(String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(
        ServerProcess.javaExecutable(),
        "-XX:TieredStopAtLevel=1",
        "-Djava.io.tmpdir=" + temp,
        "-cp",
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator)),
        "io.gochat.bench.Main",
        "verify"));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command)
        .directory(Files.createDirectories(directory.resolve("here")).toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile())
        .start();
    return process.waitFor();
  }

  private List<String> lines() throws IOException {
    return Files.readAllLines(directory.resolve("output"));
  }

  private List<Path> left() throws IOException {
    List<Path> left = new ArrayList<>();
    for (Path place : List.of(temp, directory.resolve("here"))) {
      try (Stream<Path> files = Files.list(place)) {
        files
            .filter(file -> !file.getFileName().toString().startsWith("hsperf"))
            .forEach(left::add);
      }
    }
    return left;
  }
}
