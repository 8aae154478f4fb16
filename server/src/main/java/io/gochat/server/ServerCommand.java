package io.gochat.server;

import io.gochat.server.config.ServerConfig;
import io.gochat.server.config.ServerFlags;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
  private final ServerFlags flags = new ServerFlags();

  @Override
  public Integer call() throws StartException, InterruptedException {
    // Before anything else needs a file.
    Optional<String> refusal = OpenFiles.refusal();
    if (refusal.isPresent()) {
      throw new StartException(refusal.get());
    }
    ServerConfig config = flags.config();
    Server server = Server.start(config);
    Lifetime.endWithSignal(server); // before anybody is told that it is ready
    PrintWriter out = new PrintWriter(System.out, true, java.nio.charset.StandardCharsets.UTF_8);
    out.println(ReadyLine.of(config, server.port()));
    return Lifetime.untilClosed(server);
  }
}
