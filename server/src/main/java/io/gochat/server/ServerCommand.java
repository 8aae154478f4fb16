package io.gochat.server;

import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/** {@code server}: starts a node and serves until it is told to stop. Used once, by one thread. */
@Command(
    name = "server",
    description = "Starts a GoChat server: HTTP and frames on one port.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    showDefaultValues = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    footer = {
      "",
      "Every flag can be set in the environment as well: --max-text-bytes as",
      "GOCHAT_MAX_TEXT_BYTES. A flag wins over its variable.",
      "Durations: 500ms, 30s, 5m, 24h, 30d. Sizes: 65536, 64KB, 64MB, 2GB.",
      "GOCHAT_LOG_LEVEL sets the level of the log on standard error (INFO)."
    })
final class ServerCommand implements Callable<Integer> {
  @Mixin
  private final NetworkFlags network = new NetworkFlags();

  @Mixin
  private final StoreFlags store = new StoreFlags();

  @Mixin
  private final AccountFlags accounts = new AccountFlags();

  @Mixin
  private final ChannelFlags channels = new ChannelFlags();

  /** What the flags stand for; the environment fills in for those that are not given. */
  static ServerConfig parse(String[] flags, Map<String, String> environment) {
    ServerCommand command = new ServerCommand();
    CommandLine commandLine = Main.configured(new CommandLine(command), environment);
    try {
      commandLine.parseArgs(flags);
    } catch (ParameterException e) {
      throw new ConfigException(Main.sentence(e, environment));
    }
    return command.config();
  }

  ServerConfig config() {
    return new ServerConfig(network.config(), store.config(), accounts.config(), channels.config());
  }

  @Override
  public Integer call() throws StartException, InterruptedException {
    ServerConfig config = config();
    Server server = Server.start(config);
    PrintWriter out = new PrintWriter(System.out, true, java.nio.charset.StandardCharsets.UTF_8);
    out.println(ReadyLine.of(config, server.port()));
    return Lifetime.untilSignal(server);
  }
}
