package io.gochat.server.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.gochat.testing.TestCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The JavaScript client's own tests ({@code npm test}), where there is a Node to run them. */
@Timeout(180)
class JavaScriptClientTest {
  private static final Path CLIENT = Path.of("../client-js");

  @TempDir
  private Path directory;

  @Test
  void its_own_tests_pass() throws Exception {
    assertThat(run(node(), "--test")).as(said()).isZero();
  }

  @Test
  void it_talks_to_a_real_server_over_tls_whose_certificate_it_trusts() throws Exception {
    ProcessBuilder node = node();
    TestCertificates authority = new TestCertificates();
    String[] tls = TestCertificates.write(authority.server(), directory);
    try (KillableServer server = new KillableServer(directory.resolve("data"), tls)) {
      String url = "https://localhost:" + server.port();

      assertThat(run(node, "testing/real-server.js", url)).isNotZero();
      assertThat(said()).as("whom it does not know").contains("UNREACHABLE");

      node = node();
      node.environment()
          .put("NODE_EXTRA_CA_CERTS", authority.authority(directory).toString());
      assertThat(run(node, "testing/real-server.js", url)).as(said()).isZero();
    }
  }

  /** Node with what each version of it needs; the test is skipped where there is none. */
  private ProcessBuilder node() throws InterruptedException {
    int version = nodeVersion();
    Assumptions.assumeTrue(
        version >= 20, "there is no Node (20 or later) here: the JavaScript client is not tested");
    List<String> command = new ArrayList<>(List.of("node"));
    if (version < 22) {
      command.add("--experimental-websocket");
    }
    return new ProcessBuilder(command)
        .directory(CLIENT.toFile())
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("out").toFile());
  }

  private static int run(ProcessBuilder node, String... arguments) throws Exception {
    node.command().addAll(List.of(arguments));
    return node.start().waitFor();
  }

  private String said() throws IOException {
    Path out = directory.resolve("out");
    return Files.exists(out) ? Files.readString(out) : "";
  }

  /** 0: there is none. */
  private static int nodeVersion() throws InterruptedException {
    try {
      Process node = new ProcessBuilder("node", "--version").start();
      String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      Matcher version = Pattern.compile("v(\\d+)\\..*").matcher(said.strip());
      return node.waitFor() == 0 && version.matches() ? Integer.parseInt(version.group(1)) : 0;
    } catch (IOException e) {
      return 0; // not on the path
    }
  }
}
