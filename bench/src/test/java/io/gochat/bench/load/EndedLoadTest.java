package io.gochat.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gochat.bench.api.HttpLink;
import io.gochat.bench.common.Json;
import io.gochat.bench.process.ServerProcess;
import io.gochat.testing.Signals;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A run in a process of its own that ends before its time. */
@Timeout(600)
@Execution(ExecutionMode.CONCURRENT) // they wait more than they work
class EndedLoadTest {
  private static final Pattern READY = Pattern.compile("ready on \\S*:(\\d+) in ");
  private static final Pattern WRITES =
      Pattern.compile("(?m)^gochat_store_commit_writes(?:_total|_sum)?(?:\\{[^}]*})? (\\S+)$");
  private static final Duration SOON = Duration.ofMinutes(3);

  @TempDir
  private Path directory;

  private @Nullable Process started;

  private Process load() {
    return Objects.requireNonNull(started, "not started");
  }

  @AfterEach
  void kill() {
    if (started != null) {
      started.descendants().forEach(ProcessHandle::destroyForcibly);
      started.destroyForcibly();
    }
  }

  @Test
  void ctrl_c_tells_what_was_measured_so_far_and_leaves_nothing_behind() throws Exception {
    Signals.assumeInterruptIsHeard();
    startAndAwaitPublishing();

    new ProcessBuilder("kill", "-INT", Long.toString(load().pid())).start().waitFor();

    assertThat(load().waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(load().exitValue()).as(output()).isEqualTo(130);
    assertThat(output()).contains("ENDED EARLY: it was interrupted", "publishes accepted");
    Map<String, Object> result = Json.readObject(Files.readString(directory.resolve("now.json")));
    assertThat(result)
        .containsEntry("clean", true)
        .containsEntry("ended_early", "it was interrupted");
    assertThat(String.valueOf(result.get("command_line")))
        .startsWith("./gochat load publish --own-server");
    assertThat(Files.readString(directory.resolve("now.html")))
        .contains("Ended early", "./gochat load");
    assertThat(ownDirectories()).isEmpty();
  }

  @Tag("long")
  @Test
  void server_that_dies_is_said() throws Exception {
    startAndAwaitPublishing();

    load().descendants().forEach(ProcessHandle::destroyForcibly);

    assertThat(load().waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(load().exitValue()).as(output()).isEqualTo(1);
    assertThat(output())
        .contains("ENDED EARLY: the server's process has ended")
        .doesNotContain("clean: every receiver");
    assertThat(ownDirectories()).isEmpty();
  }

  private void startAndAwaitPublishing() throws IOException {
    ProcessBuilder builder = new ProcessBuilder(List.of(
            ServerProcess.javaExecutable(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            absoluteClassPath(),
            "io.gochat.bench.Main",
            "load",
            "publish",
            "--own-server",
            "--rooms=2",
            "--publishers=2",
            "--users=2",
            "--warmup=0",
            "--time=300",
            "--json=now.json",
            "--report=now.html"))
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("output").toFile());
    builder.environment().put("GOCHAT_BCRYPT_COST", "4");
    started = builder.start();
    await().atMost(SOON).ignoreExceptions().until(() -> writes() > 50);
  }

  /** What its server has committed: more than its accounts, once it publishes. */
  private double writes() throws IOException {
    Matcher ready = READY.matcher(Files.readString(ownDirectories().get(0).resolve("server.log")));
    if (!ready.find()) {
      return 0;
    }
    InetSocketAddress server =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(ready.group(1)));
    try (HttpLink link = new HttpLink(server, null)) {
      return WRITES
          .matcher(link.get("/metrics").body())
          .results()
          .mapToDouble(found -> Double.parseDouble(found.group(1)))
          .max()
          .orElse(0);
    }
  }

  private static String absoluteClassPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private List<Path> ownDirectories() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("gochat-load-"))
          .toList();
    }
  }

  private String output() throws IOException {
    return Files.readString(directory.resolve("output"));
  }
}
