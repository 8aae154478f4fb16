package io.gochat.server;

import io.gochat.server.config.FlagDefaults;
import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.ServerFlags;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code server}: starts a node and serves until it is told to stop. Used once, by one thread. */
@Command(
    name = "server",
    description =
        "Starts a GoChat server on one port: HTTP, WebSocket, frames and a page for browsers, with and without TLS.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    showDefaultValues = true,
    sortOptions = false,
    usageHelpAutoWidth = true,
    footer = {
      "",
      "Every flag can be set in the environment as well: --max-text-bytes as",
      "GOCHAT_MAX_TEXT_BYTES, and in the file that --config names. Who wins: the",
      "command line, the environment, the file, the default.",
      "Durations: 500ms, 30s, 5m, 24h, 30d. Sizes: 65536, 64KB, 64MB, 2GB.",
      "SIGTERM drains and stops. SIGHUP reads --config and certificates again: flags",
      "that say so change, and the log names those that wait for a restart."
    })
final class ServerCommand implements Callable<Integer> {
  @Mixin
  private final ServerFlags flags = new ServerFlags();

  @Spec
  @SuppressWarnings("NullAway.Init") // by picocli
  private CommandSpec spec;

  @Override
  public Integer call() throws StartException, InterruptedException {
    // Before anything else needs a file.
    Optional<String> refusal = OpenFiles.refusal();
    if (refusal.isPresent()) {
      throw new StartException(refusal.get());
    }
    ServerConfig config = flags.config();
    LogSetup.take(config.log());
    RunningSettings settings = settings();
    Server server = Server.start(config, settings.describe());
    Lifetime.endWithSignal(server); // before anybody is told that it is ready
    HangUp.run(() -> settings.readAgain(server));
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    out.println(ReadyLine.of(config, server.port()));
    return Lifetime.untilClosed(server);
  }

  private RunningSettings settings() {
    CommandLine commandLine = spec.commandLine();
    List<String> words = commandLine.getParseResult().originalArgs();
    List<String> arguments = words.subList(words.indexOf(spec.name()) + 1, words.size());
    FlagDefaults defaults = (FlagDefaults) commandLine.getDefaultValueProvider();
    return new RunningSettings(arguments, defaults, spec.root().subcommands().values());
  }
}
