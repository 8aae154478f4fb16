package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.server.frame.FrameFuzz;
import io.gochat.server.http.HttpFuzz;
import io.gochat.server.http.JsonFuzz;
import io.gochat.server.net.SnifferFuzz;
import io.gochat.server.websocket.JsonCommandFuzz;
import io.gochat.server.websocket.WebSocketFuzz;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lets Jazzer look for input that a parser does not survive: for a moment in each run, all parsers in turn; for hours, one
 * after the other, by {@code -Dgochat.fuzz.seconds=3600} (CONTRIBUTING.md). In a JVM of its own, because it rewrites
 * classes. What it finds is printed with the bytes; they become a case of the parser's own test.
 */
class FuzzTest {
  private static final int SECONDS = Integer.getInteger("gochat.fuzz.seconds", 0);
  private static final int A_MOMENT = 5;

  /** What it begins with: without it a fuzzer spends its first minutes on the word GET. */
  private record Target(Class<?> type, List<String> seeds) {
    @Override
    public String toString() {
      return type.getSimpleName();
    }
  }

  @TempDir
  private Path directory;

  static Stream<Target> targets() {
    List<Target> each = parsers().toList();
    return SECONDS > 0 ? each.stream() : Stream.of(all(each));
  }

  /** One target of all, which the first byte chooses among. */
  private static Target all(List<Target> each) {
    List<String> seeds = new ArrayList<>();
    for (int i = 0; i < each.size(); i++) {
      for (String seed : each.get(i).seeds()) {
        seeds.add((char) i + seed);
      }
    }
    return new Target(AllFuzz.class, seeds);
  }

  /** In the order of {@link AllFuzz}. */
  private static Stream<Target> parsers() {
    String json = "{\"token\":\"t\",\"msg\":\"a\\u00e9\",\"room_id\":7,\"inbox\":true,\"x\":[{}]}";
    return Stream.of(
        new Target(
            SnifferFuzz.class,
            List.of(
                "@GET / HTTP/1.1\r\n\r\n",
                "@PROXY TCP4 203.0.113.7 10.0.0.1 56324 8080\r\nGET / HTTP/1.1\r\n",
                "@PROXY UNKNOWN\r\n\u0001",
                "@\r\n\r\n\u0000\r\nQUIT\n!\u0011\u0000\u000c\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\u0001\u0002\u0003\u0004GET ",
                "@\u0016\u0003\u0001\u0000\u0005",
                "@PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
        new Target(
            FrameFuzz.class,
            List.of(
                "@\u0001\u0000\u0000\u0002J\u0000",
                "@\u0001\u0000\u0000\u0007\b\u0001\u0012\u0003\n\u0001t\u0001\u0000\u0000\u0000")),
        new Target(
            HttpFuzz.class,
            List.of(
                "@POST /user/login HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
                "@GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
                "@POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                "@OPTIONS /push/push HTTP/1.1\r\nHost: a\r\nOrigin: https://b\r\nAccess-Control-Request-Headers: a\r\nForwarded: for=\"[::1]:2\"\r\n\r\n")),
        new Target(JsonFuzz.class, List.of(json, "[]", "{\"msg\":\"\\ud83d\\ude00\"}")),
        new Target(
            WebSocketFuzz.class,
            List.of(
                "@\u0081\u0082\u0000\u0000\u0000\u0000hi",
                "@\u0001\u0081\u0001\u0002\u0003\u0004a\u0089\u0080\u0000\u0000\u0000\u0000\u0080\u0081\u0001\u0002\u0003\u0004b")),
        new Target(
            JsonCommandFuzz.class,
            List.of(
                "{\"request_id\":4,\"publish\":{\"topic\":{\"room_id\":7},\"text\":\"hi\"}}",
                "{\"hello\":{\"token\":\"t\",\"resume\":[{\"topic\":{\"user_id\":42},\"epoch\":9}]}}")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("targets")
  void nothing_that_comes_breaks_a_parser(Target target) throws Exception {
    Path seeds = Files.createDirectory(directory.resolve("seeds"));
    for (int i = 0; i < target.seeds().size(); i++) {
      byte[] seed = target.seeds().get(i).getBytes(StandardCharsets.ISO_8859_1);
      Files.write(seeds.resolve("seed-" + i), seed);
    }
    Path output = directory.resolve("output.txt");

    Process fuzzer = start(target.type(), seeds, output);
    boolean ended = fuzzer.waitFor(SECONDS + 240L, TimeUnit.SECONDS);
    fuzzer.destroyForcibly();

    String said = Files.readString(output, StandardCharsets.UTF_8);
    assertThat(ended).as("%s", said).isTrue();
    assertThat(fuzzer.exitValue()).as("%s", said).isZero();
    assertThat(said).contains("Done ");
  }

  private Process start(Class<?> target, Path seeds, Path output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:auto",
            "-XX:+UseSerialGC",
            "-Xmx512m",
            SECONDS > 0 ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.getName(),
            "--instrumentation_includes=io.gochat.**",
            "--custom_hook_includes=io.gochat.**",
            "--reproducer_path=" + directory,
            "-max_total_time=" + (SECONDS > 0 ? SECONDS : A_MOMENT),
            "-max_len=4096",
            "-timeout=60",
            "-artifact_prefix=" + directory + File.separator,
            seeds.toString())
        .directory(directory.toFile())
        .redirectErrorStream(true)
        .redirectOutput(output.toFile())
        .start();
  }
}
