package io.gochat.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code --config}: what a file may say, who wins over whom, and what the log says of it. */
class ConfigFileTest {
  @TempDir
  private Path directory;

  @Test
  void a_line_is_a_flag_as_on_the_command_line_without_dashes_or_as_in_the_environment()
      throws IOException {
    Path file = file(
        "# the port",
        "",
        "--port=1",
        "  max-text-bytes 2  ",
        "GOCHAT_EVENT_LOOPS = 3",
        "--data-dir=/var/lib/my chat");

    ServerConfig config = parse(Map.of(), "--config=" + file);

    assertThat(config.network().port()).isEqualTo(1);
    assertThat(config.channels().maxTextBytes()).isEqualTo(2);
    assertThat(config.network().eventLoops()).isEqualTo(3);
    assertThat(config.store().dataDir()).isEqualTo(Path.of("/var/lib/my chat"));
  }

  @Test
  void the_command_line_wins_over_the_environment_and_that_over_the_file() throws IOException {
    Path file = file("port=1", "max-text-bytes=1", "event-loops=1");

    ServerConfig config = parse(
        Map.of("GOCHAT_PORT", "2", "GOCHAT_MAX_TEXT_BYTES", "2"),
        "--config",
        file.toString(),
        "--port=3");

    assertThat(config.network().port()).isEqualTo(3);
    assertThat(config.channels().maxTextBytes()).isEqualTo(2);
    assertThat(config.network().eventLoops()).isEqualTo(1);
    assertThat(config.network().host()).isEqualTo("0.0.0.0");
  }

  @Test
  void the_environment_may_name_the_file() throws IOException {
    ServerConfig config = parse(Map.of("GOCHAT_CONFIG", file("port=7").toString()));

    assertThat(config.network().port()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
      port             | chat.conf, line 2 is no flag with its value, such as port=8080.
      port=1;port=2    | chat.conf, line 3: --port stands in line 2 already.
      config=other     | chat.conf, line 2: a file cannot name another one.
      prot=8080        | chat.conf, line 2: there is no flag --prot.
      port=70000x      | is not an int (chat.conf, line 2)
      port=70000       | --port must be 0 to 65535, not 70000.
      """)
  void what_is_wrong_is_refused_with_its_line(String lines, String sentence) throws IOException {
    Path file = file(("# ours;" + lines).split(";", -1));
    List<String> arguments = List.of("--config=" + file);

    assertThatThrownBy(() -> {
          FlagDefaults defaults = FlagDefaults.of(arguments, Map.of());
          defaults.refuseUnknown(List.of(new CommandLine(new ServerFlags())));
          ServerFlags.read(arguments, defaults);
        })
        .isInstanceOf(ConfigException.class)
        .hasMessageEndingWith(sentence.replace("chat.conf", file.toString()));
  }

  @Test
  void a_file_that_cannot_be_read_is_refused() throws IOException {
    Path missing = directory.resolve("missing");
    Path latin = Files.write(directory.resolve("latin"), new byte[] {'#', (byte) 0xE4});

    assertThatThrownBy(() -> parse(Map.of(), "--config=" + missing))
        .hasMessage("--config=" + missing + " does not exist.");
    assertThatThrownBy(() -> parse(Map.of(), "--config=" + latin))
        .hasMessage("--config=" + latin + " is not UTF-8.");
    assertThatThrownBy(() -> parse(Map.of(), "--config=" + directory))
        .hasMessageContaining("cannot be read");
  }

  @Test
  void the_log_is_told_what_is_not_the_default_and_no_secret() throws IOException {
    Path file = file("metrics-token=hush", "host=0.0.0.0", "tls-key-password-file=/run/pw");
    List<String> arguments = List.of(
        "--config=" + file,
        "--redis=redis://me:s3cret@redis:6379",
        "--port=8080",
        "--tls-cert=c",
        "--tls-key=k");

    GivenFlags given = ServerFlags.read(
            arguments, FlagDefaults.of(arguments, Map.of("GOCHAT_EVENT_LOOPS", "2")))
        .given();

    assertThat(given.describe())
        .isEqualTo(
            "--config=" + file + " --event-loops=2 --metrics-token=(set)"
                + " --redis=redis://redis:6379 --tls-cert=c --tls-key=k --tls-key-password-file=/run/pw");
    assertThat(new GivenFlags(Map.of()).describe()).isEqualTo("all settings are the defaults");
  }

  private static ServerConfig parse(Map<String, String> environment, String... flags) {
    return ServerFlags.parse(flags, environment);
  }

  private Path file(String... lines) throws IOException {
    return Files.write(directory.resolve("chat.conf"), List.of(lines));
  }
}
