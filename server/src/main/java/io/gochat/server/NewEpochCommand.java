package io.gochat.server;

import io.gochat.server.config.RedisFlags;
import io.gochat.server.redis.RedisDeployment;
import io.gochat.server.redis.RedisEpoch;
import io.gochat.server.redis.RedisOptions;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code new-epoch}: after Redis was put back to an older copy. Used once, by one thread. */
@Command(
    name = "new-epoch",
    description =
        "To be run once after Redis was put back to an older copy (a backup, a snapshot) while all nodes were"
            + " down, and before the first of them starts: sequences and ids that were given out since then are not given out"
            + " again, and clients are told of what is gone. Nodes that are up notice a loss by themselves.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true)
final class NewEpochCommand implements Callable<Integer> {
  @Mixin
  private final RedisFlags redis = new RedisFlags();

  @Override
  public Integer call() throws StartException {
    RedisDeployment deployment = redis.required();
    try {
      long epoch = RedisEpoch.renew(RedisOptions.at(deployment));
      System.out.println("a new epoch is in force at " + deployment + ": " + epoch);
      return 0;
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }
}
