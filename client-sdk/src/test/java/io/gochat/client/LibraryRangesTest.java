package io.gochat.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The SDK beside the libraries of others, each in a JVM of its own against the real server. */
@Timeout(120)
final class LibraryRangesTest {
  private static final Path OTHERS = Path.of("target", "ranges").toAbsolutePath();

  @TempDir
  private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"netty-oldest", "netty-spring"})
  void it_chats_beside_netty_4_1_with_and_without_event_loops_of_its_own(String netty)
      throws Exception {
    try (RealServer server = new RealServer(directory)) {
      List<String> classPath = new ArrayList<>(ours("netty-"));
      classPath.addAll(jars(netty));

      assertThat(run(classPath, "chat", server.port())).contains("netty 4.1.", "heard hello");
      assertThat(run(classPath, "chat-on-own-loops", server.port())).contains("heard hello");
    }
  }

  @Test
  void beside_the_protobuf_of_grpc_connecting_fails_and_says_which_is_needed() throws Exception {
    try (RealServer server = new RealServer(directory)) {
      List<String> classPath = new ArrayList<>(jars("protobuf-grpc"));
      classPath.addAll(ours("protobuf-java"));

      assertThat(run(classPath, "chat", server.port()))
          .contains("failed INTERNAL")
          .contains("protobuf-java 4.36 or later of 4");
    }
  }

  /** What this test runs with, but for jars whose names begin so. */
  private static List<String> ours(String... without) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(each -> Stream.of(without)
            .noneMatch(name -> Path.of(each).getFileName().toString().startsWith(name)))
        .toList();
  }

  private static List<String> jars(String ofOthers) throws IOException {
    try (Stream<Path> files = Files.list(OTHERS.resolve(ofOthers))) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  private String run(List<String> classPath, String what, int port) throws Exception {
    Path output = directory.resolve(what + ".txt");
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            String.join(File.pathSeparator, classPath),
            LibraryRangesProgram.class.getName(),
            what,
            Integer.toString(port))
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("%s hangs", what).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }
}
