package io.gochat.server;

import io.gochat.server.config.Quantity;
import io.gochat.server.config.RedisFlags;
import io.gochat.server.embedded.Export;
import io.gochat.server.messaging.Retention;
import io.gochat.server.redis.RedisDeployment;
import io.gochat.server.redis.RedisImport;
import io.gochat.server.redis.RedisOptions;
import io.gochat.server.store.StoreImport.Imported;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code migrate}: from one node to many. Used once, by one thread. */
@Command(
    name = "migrate",
    description =
        "Moves the data directory of a stopped server into an empty Redis: accounts, sessions, messages with their"
            + " sequences and ids, acknowledged positions, client message ids. The directory stays as it is, but for a mark"
            + " that keeps servers from starting on it. If it stops half way, delete what it wrote and start again: no server accepts what"
            + " is not whole.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true)
final class MigrateCommand implements Callable<Integer> {
  @Option(
      names = "--data-dir",
      paramLabel = "DIR",
      defaultValue = "./data",
      description = "Directory of the embedded store. Default: ${DEFAULT-VALUE}")
  private Path dataDir = Path.of("data");

  @Mixin
  private final RedisFlags redis = new RedisFlags();

  @Option(
      names = "--retention-age",
      paramLabel = "TIME",
      defaultValue = "30d",
      converter = Quantity.OfTime.class,
      description =
          "How long messages are kept, as the servers are told. Default: ${DEFAULT-VALUE}")
  private Duration retentionAge = Duration.ZERO;

  @Option(
      names = "--dedupe-window",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = Quantity.OfTime.class,
      description =
          "How long a client_message_id is remembered, as the servers are told. Default: ${DEFAULT-VALUE}")
  private Duration dedupeWindow = Duration.ZERO;

  @Override
  public Integer call() throws StartException {
    RedisDeployment deployment = redis.required();
    RedisOptions options = RedisOptions.at(deployment)
        .withCommandTimeout(Duration.ofSeconds(30))
        .withRetention(new Retention(Long.MAX_VALUE, retentionAge))
        .withDedupeWindow(dedupeWindow);
    Imported moved;
    // The directory first: while it is held, no server can write to it.
    try (Export from = Export.open(dataDir);
        RedisImport to = RedisImport.begin(options, System.currentTimeMillis())) {
      moved = from.to(to);
      to.finish();
      MovedData.mark(dataDir, deployment.address());
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
    System.out.printf(
        "moved %s to %s: %,d accounts, %,d sessions, %,d messages in %,d topics%n",
        dataDir, deployment, moved.accounts(), moved.sessions(), moved.messages(), moved.topics());
    return 0;
  }
}
