package io.gochat.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gochat.server.config.AccountConfig;
import io.gochat.server.config.ChannelConfig;
import io.gochat.server.config.ConfigException;
import io.gochat.server.config.FlagDefaults;
import io.gochat.server.config.NetworkConfig;
import io.gochat.server.config.RedisWait;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.ServerFlags;
import io.gochat.server.config.StoreConfig;
import io.gochat.server.embedded.Durability;
import io.gochat.server.net.Transport;
import io.gochat.server.redis.RedisAddress;
import io.gochat.server.redis.RedisDeployment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ServerConfigTest {
  @Test
  void without_flags_everything_is_as_documented() {
    ServerConfig config = ServerFlags.parse();

    NetworkConfig network = config.network();
    assertThat(network.host()).isEqualTo("0.0.0.0");
    assertThat(network.port()).isEqualTo(8080);
    assertThat(network.transport()).isEqualTo(Transport.AUTO);
    assertThat(network.eventLoops()).isZero();
    assertThat(network.maxConnections()).isEqualTo(100_000);
    assertThat(network.metricsToken()).isEmpty();
    assertThat(network.page()).isTrue();
    StoreConfig store = config.store();
    assertThat(store.dataDir()).isEqualTo(Path.of("./data"));
    assertThat(store.durability()).isEqualTo(Durability.FSYNC);
    assertThat(store.gather()).isZero();
    assertThat(store.retentionCount()).isEqualTo(10_000);
    assertThat(store.retentionAge()).isEqualTo(Duration.ofDays(30));
    assertThat(store.dedupeWindow()).isEqualTo(Duration.ofHours(24));
    assertThat(store.maxDiskBytes()).isZero();
    assertThat(store.redis()).isEmpty();
    assertThat(store.redisWait().replicas()).isZero();
    assertThat(store.nodeId())
        .isNotEmpty()
        .isNotEqualTo(ServerFlags.parse().store().nodeId());
    assertThat(config.accounts())
        .isEqualTo(new AccountConfig(10, Duration.ofHours(24), 300, 10, 0, true));
    assertThat(config.channels())
        .isEqualTo(new ChannelConfig(
            0, 16_384, 65_536, Duration.ofSeconds(30), 1_000, Duration.ofMinutes(2)));
  }

  @Test
  void every_flag_reaches_its_place() {
    ServerConfig config = ServerFlags.parse(
        "--host=127.0.0.1",
        "--port",
        "0",
        "--data-dir=/tmp/x y",
        "--durability=async",
        "--gather=0",
        "--redis=redis://secret@localhost:6379",
        "--redis-wait=2/300ms",
        "--node-id=n-1",
        "--bcrypt-cost=4",
        "--session-ttl=90m",
        "--max-connections=7",
        "--max-connections-per-user=3",
        "--max-text-bytes=1KB",
        "--max-frame-bytes=2KB",
        "--retention-count=5",
        "--retention-age=7d",
        "--dedupe-window=500ms",
        "--heartbeat=2s",
        "--logins-per-minute=70",
        "--registration=closed",
        "--login-failures-per-minute=0",
        "--event-loops=2",
        "--transport=nio",
        "--max-disk=1GB",
        "--min-free-disk=0",
        "--metrics-token=t",
        "--page=off",
        "--trusted-proxies=10.0.0.0/8,127.0.0.1",
        "--fanout-memory=8MB",
        "--slow-consumer-timeout=0",
        "--max-rooms-per-connection=9",
        "--registrations-per-minute=11");

    NetworkConfig network = config.network();
    assertThat(network.host()).isEqualTo("127.0.0.1");
    assertThat(network.port()).isZero();
    assertThat(network.transport()).isEqualTo(Transport.NIO);
    assertThat(network.eventLoops()).isEqualTo(2);
    assertThat(network.maxConnections()).isEqualTo(7);
    assertThat(network.trustedProxies().trusts(InetAddress.getLoopbackAddress()))
        .isTrue();
    assertThat(network.metricsToken()).contains("t");
    assertThat(network.page()).isFalse();
    StoreConfig store = config.store();
    assertThat(store.dataDir()).isEqualTo(Path.of("/tmp/x y"));
    assertThat(store.durability()).isEqualTo(Durability.ASYNC);
    assertThat(store.retentionCount()).isEqualTo(5);
    assertThat(store.retentionAge()).isEqualTo(Duration.ofDays(7));
    assertThat(store.dedupeWindow()).isEqualTo(Duration.ofMillis(500));
    assertThat(store.maxDiskBytes()).isEqualTo(1L << 30);
    assertThat(store.minFreeDiskBytes()).isZero();
    assertThat(store.redis())
        .contains(RedisDeployment.at(RedisAddress.parse("redis://secret@localhost:6379")));
    assertThat(store.redisWait()).isEqualTo(new RedisWait(2, Duration.ofMillis(300)));
    assertThat(store.nodeId()).isEqualTo("n-1");
    assertThat(config.accounts())
        .isEqualTo(new AccountConfig(4, Duration.ofMinutes(90), 70, 0, 11, false));
    assertThat(config.channels())
        .isEqualTo(new ChannelConfig(3, 1_024, 2_048, Duration.ofSeconds(2), 9, Duration.ZERO));
    assertThat(config.memory().fanOutMemory()).hasValue(8 << 20);
    assertThat(config.memory().outBudget()).isEmpty();
  }

  @Test
  void what_kubernetes_makes_for_services_of_this_name_is_no_setting() {
    Map<String, String> environment = Map.of(
        "GOCHAT_PORT", "tcp://10.0.0.7:8080",
        "GOCHAT_SERVICE_HOST", "10.0.0.7",
        "GOCHAT_SERVICE_PORT_HTTP", "8080",
        "GOCHAT_PORT_8080_TCP_ADDR", "10.0.0.7",
        "GOCHAT_REDIS_SERVICE_HOST", "10.0.0.8",
        "GOCHAT_REDIS_PORT", "tcp://10.0.0.8:6379",
        "GOCHAT_REDIS_PORT_6379_TCP", "tcp://10.0.0.8:6379",
        "GOCHAT_MAX_TEXT_BYTES", "99");

    ServerConfig config = ServerFlags.parse(new String[0], environment);
    new FlagDefaults(environment).refuseUnknown(List.of(new CommandLine(new ServerFlags())));

    assertThat(config.network().port()).isEqualTo(8_080);
    assertThat(config.channels().maxTextBytes()).isEqualTo(99);
  }

  @Test
  void the_environment_fills_in_and_a_flag_wins() {
    Map<String, String> environment =
        Map.of("GOCHAT_PORT", "1234", "GOCHAT_MAX_TEXT_BYTES", "99", "PATH", "/bin");

    ServerConfig config = ServerFlags.parse(new String[] {"--port=5"}, environment);

    assertThat(config.network().port()).isEqualTo(5);
    assertThat(config.channels().maxTextBytes()).isEqualTo(99);
  }

  @Test
  void a_bad_value_from_the_environment_names_the_variable() {
    assertThatThrownBy(() -> ServerFlags.parse(new String[0], Map.of("GOCHAT_PORT", "eighty")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("--port")
        .hasMessageContaining("GOCHAT_PORT");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port=70000 | --port must be 0 to 65535, not 70000.",
        "--port=-1 | --port must be 0 to 65535, not -1.",
        "--page=no | --page must be on or off, not no.",
        "--max-text-bytes=65536 | --max-text-bytes=65536 does not fit --max-frame-bytes=65536: a frame needs 512"
            + " bytes beside the text.",
        "--max-frame-bytes=16000 | --max-text-bytes=16384 does not fit --max-frame-bytes=16000: a frame needs 512"
            + " bytes beside the text.",
        "--max-frame-bytes=16MB | --max-frame-bytes must be 1024 to 1044480, not 16777216.",
        "--bcrypt-cost=3 | --bcrypt-cost must be 4 to 20, not 3.",
        "--bcrypt-cost=31 | --bcrypt-cost must be 4 to 20, not 31.",
        "--retention-count=0 | --retention-count must be at least 1, not 0.",
        "--heartbeat=1ms | --heartbeat must be at least 100ms, not 1ms.",
        "--trusted-proxies=10.0.0.0/40 | --trusted-proxies: the part behind / must be 0 to 32: 10.0.0.0/40.",
        "--redis=http://localhost | --redis must start with redis://, rediss://, redis-sentinel:// or"
            + " redis-cluster://.",
        "--node-id=a:b | --node-id must be 1 to 64 letters, digits, dots, dashes or underscores.",
        "--prot=1 | Unknown option: '--prot=1'.",
        "extra | Unmatched argument at index 0: 'extra'.",
      })
  void a_wrong_setting_is_refused_with_one_sentence(String flag, String sentence) {
    assertThatThrownBy(() -> ServerFlags.parse(flag))
        .isInstanceOf(ConfigException.class)
        .hasMessage(sentence);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--heartbeat=30",
        "--heartbeat=-1s",
        "--heartbeat=s",
        "--heartbeat=1.5s",
        "--heartbeat=30 minutes",
        "--heartbeat=999999999999d",
        "--max-disk=1PB",
        "--max-disk=-1",
        "--max-disk=99999999999G",
        "--durability=maybe",
        "--transport=carrier_pigeon",
        "--port=80a",
        "--port",
        "--port=1 --port=2"
      })
  void what_cannot_be_read_is_refused(String flags) {
    assertThatThrownBy(() -> ServerFlags.parse(flags.split(" (?=--)")))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void the_ready_line_hides_the_password_of_redis() {
    ServerConfig config = ServerFlags.parse("--redis=rediss://user:p%40ss@redis.example:6380/1");

    assertThat(config.store().describe()).isEqualTo("redis rediss://redis.example:6380/1");
    assertThat(config.toString()).doesNotContain("p%40ss");
  }

  @Test
  void the_ready_line_has_its_fixed_form() {
    ServerConfig config = ServerFlags.parse("--host=127.0.0.1", "--data-dir=./data");

    assertThat(ReadyLine.of(config, 8123))
        .matches(
            "gochat ready on 127\\.0\\.0\\.1:8123 in \\d+\\.\\d{3} s \\(store: embedded \\./data\\)");
  }

  @Test
  void wrong_settings_end_the_process_with_status_2_and_one_line() {
    assertThat(run(Map.of(), "--port=70000"))
        .isEqualTo(new Outcome(2, "--port must be 0 to 65535, not 70000.\n"));
    assertThat(run(Map.of(), "--gather=101ms"))
        .isEqualTo(new Outcome(2, "--gather must be at most 100ms.\n"));
    assertThat(run(Map.of(), "--gather=2ms", "--redis=redis://localhost:6379").status())
        .isEqualTo(2);
    assertThat(run(Map.of(), "server", "--nonsense"))
        .isEqualTo(new Outcome(2, "Unknown option: '--nonsense'.\n"));
    assertThat(run(Map.of("GOCHAT_PROT", "1"), "server"))
        .isEqualTo(new Outcome(2, "The environment variable GOCHAT_PROT stands for no flag.\n"));
    assertThat(run(Map.of(), "serve").status()).isEqualTo(2);
  }

  @Test
  void what_kubernetes_docker_and_measuring_tools_put_into_the_environment_is_let_be() {
    FlagDefaults defaults = new FlagDefaults(Map.of(
        "GOCHAT_SERVICE_HOST",
        "10.0.0.1",
        "GOCHAT_PORT_8080_TCP_ADDR",
        "10.0.0.1",
        "GOCHAT_VERSION",
        "1",
        "GOCHAT_JAR",
        "server/target/gochat-server.jar"));

    defaults.refuseUnknown(List.of(new CommandLine(new ServerCommand())));
  }

  @Test
  void a_log_level_that_does_not_exist_is_refused_by_every_command(@TempDir Path directory) {
    Map<String, String> environment = Map.of("GOCHAT_LOG_LEVEL", "loud");

    assertThat(run(environment, "server"))
        .isEqualTo(new Outcome(
            2, "GOCHAT_LOG_LEVEL must be OFF, ERROR, WARN, INFO, DEBUG or TRACE, not loud.\n"));
    assertThat(run(environment, "repair", "--data-dir=" + directory).status()).isEqualTo(2);
    assertThat(run(Map.of(), "server", "--log-level=loud"))
        .isEqualTo(new Outcome(
            2,
            "Invalid value for option '--log-level': expected one of [OFF, ERROR, WARN,"
                + " INFO, DEBUG, TRACE] (case-insensitive) but was 'loud'.\n"));
  }

  @Test
  void help_lists_every_flag_with_its_default() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CommandLine commandLine = new CommandLine(new ServerCommand());

    commandLine.usage(new PrintStream(out, true, StandardCharsets.UTF_8));

    String help = out.toString(StandardCharsets.UTF_8);
    assertThat(help.lines()).noneMatch(line -> line.length() > 80);
    assertThat(help)
        .contains("WebSocket", "TLS", "browsers", "--config", "SIGHUP", "--log-format")
        .contains("--host", "--port", "8080", "--data-dir", "./data", "--durability", "--redis")
        .contains("--node-id", "--bcrypt-cost", "--session-ttl", "24h", "--max-connections")
        .contains("--max-connections-per-user", "--max-text-bytes", "--max-frame-bytes")
        .contains("--retention-count", "--retention-age", "--dedupe-window", "--heartbeat")
        .contains("--logins-per-minute", "--login-failures-per-minute")
        .contains("--event-loops", "--transport", "--max-disk", "--gather")
        .contains("--metrics-token", "--trusted-proxies", "--fanout-memory", "GOCHAT_");
  }

  @Test
  void a_store_is_backed_up_and_restored_by_command(@TempDir Path directory) throws Exception {
    Path data = directory.resolve("data");
    Path backup = directory.resolve("backup");
    Server.start(ServerFlags.parse("--port=0", "--min-free-disk=0", "--data-dir=" + data))
        .close();
    Map<String, String> environment =
        Map.of("GOCHAT_PORT", "1", "GOCHAT_DATA_DIR", data.toString());

    assertThat(run(environment, "backup", "--to=" + backup).status()).isZero();
    assertThat(run(environment, "backup", "--to=" + backup).status()).isEqualTo(1);
    assertThat(
            run(Map.of(), "restore", "--from=" + backup, "--data-dir=" + directory.resolve("new")))
        .isEqualTo(new Outcome(0, ""));
    assertThat(run(Map.of(), "repair", "--data-dir=" + directory.resolve("nothing"))
            .status())
        .isEqualTo(1);
    assertThat(run(Map.of(), "backup").status()).isEqualTo(2);
    Server.start(ServerFlags.parse(
            "--port=0", "--min-free-disk=0", "--data-dir=" + directory.resolve("new")))
        .close();
  }

  private record Outcome(int status, String err) {}

  private static Outcome run(Map<String, String> environment, String... args) {
    PrintStream before = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      return new Outcome(Main.run(args, environment), err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setErr(before);
    }
  }
}
