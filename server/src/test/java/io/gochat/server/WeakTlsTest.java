package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gochat.server.page.KillableServer;
import io.gochat.testing.TestCertificates;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scanner would find weak is not spoken; asked with {@code openssl s_client}, of a process as users start it. */
@Timeout(180)
class WeakTlsTest {
  private static final String ANY = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";

  @TempDir
  private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"openssl", "jdk"})
  void old_protocols_weak_ciphers_and_weak_groups_find_no_handshake(String provider)
      throws Exception {
    assumeTrue(isInstalled("openssl"), "there is no openssl here: TLS is not probed");
    String[] tls = TestCertificates.write(new TestCertificates().server(), directory);
    try (KillableServer server = new KillableServer(
        directory.resolve("data"), tls[0], tls[1], "--tls-provider=" + provider)) {
      for (String good : List.of(
          "-tls1_3 -groups X25519",
          "-tls1_3 -groups P-256",
          "-tls1_3 -groups P-384",
          "-tls1_2 -cipher ECDHE+AESGCM")) {
        assertThat(cipher(server, good)).as(good).isNotEqualTo("(NONE)");
      }
      for (String bad : List.of(
          "-tls1 -cipher " + ANY,
          "-tls1_1 -cipher " + ANY,
          "-tls1_2 -cipher ALL:COMPLEMENTOFALL:-AESGCM:-CHACHA20:@SECLEVEL=0",
          "-tls1_2 -cipher kRSA:DHE:@SECLEVEL=0",
          "-tls1_3 -groups ffdhe2048",
          "-tls1_3 -groups P-521")) {
        assertThat(cipher(server, bad)).as(bad).isEqualTo("(NONE)");
      }
    }
  }

  /** What was agreed upon. */
  private String cipher(KillableServer server, String flags) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + server.port()));
    command.addAll(List.of(flags.split(" ", -1)));
    Path out = directory.resolve("out");
    new ProcessBuilder(command)
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start()
        .waitFor();
    return Files.readString(out)
        .lines()
        .filter(line -> line.startsWith("New, "))
        .map(line -> line.replaceFirst(".*Cipher is ", ""))
        .findFirst()
        .orElseThrow(() -> new IOException("no verdict: " + read(out)));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
  }
}
