package io.gochat.server.page;

import static org.assertj.core.api.Assertions.assertThat;

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
    int version = nodeVersion();
    Assumptions.assumeTrue(
        version >= 20, "there is no Node (20 or later) here: the JavaScript client is not tested");
    List<String> command = new ArrayList<>(List.of("node", "--test"));
    if (version < 22) {
      command.add(1, "--experimental-websocket");
    }
    Path out = directory.resolve("out");

    int status = new ProcessBuilder(command)
        .directory(CLIENT.toFile())
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start()
        .waitFor();

    assertThat(status).as(Files.readString(out)).isZero();
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
