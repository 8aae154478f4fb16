package io.gochat.server;

import io.gochat.server.config.ConfigException;
import io.gochat.server.redis.RedisAddress;
import io.gochat.server.redis.RedisEpoch;
import io.gochat.server.redis.RedisOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code new-epoch}: after Redis was put back to an older copy. Used once, by one thread. */
@Command(
    name = "new-epoch",
    description =
        "To be run once after Redis was put back to an older copy (a backup, a snapshot) while all nodes were"
            + " down, and before the first of them starts: sequences and ids that were given out since then are not given out"
            + " again, and clients are told of what is gone. Nodes that are up notice a loss by themselves.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    usageHelpAutoWidth = true)
final class NewEpochCommand implements Callable<Integer> {
  @Option(
      names = "--redis",
      paramLabel = "URI",
      required = true,
      description = "The Redis that was put back.")
  private String redis = "";

  @Option(
      names = "--redis-prefix",
      paramLabel = "TEXT",
      defaultValue = "gochat:",
      description = "As the servers are told. Default: ${DEFAULT-VALUE}")
  private String redisPrefix = "";

  @Override
  public Integer call() throws StartException {
    RedisAddress address;
    try {
      address = RedisAddress.parse(redis);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--redis " + e.getMessage() + ".");
    }
    try {
      long epoch = RedisEpoch.renew(RedisOptions.at(address).withPrefix(redisPrefix));
      System.out.println("a new epoch is in force at " + address + ": " + epoch);
      return 0;
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
