package io.gochat.server;

import io.gochat.server.config.ConfigException;
import io.gochat.server.identity.ApiKey;
import io.gochat.server.identity.Scope;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code key}: makes a key for a program. Used once, by one thread. */
@Command(
    name = "key",
    description = "Makes an API key, and its line for the file that --api-keys names.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true)
final class KeyCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "NAME", description = "Whom it publishes as.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "SCOPES",
      description = "publish, read, admin; several with commas.")
  private String scopes = "";

  @Override
  public Integer call() {
    if (!name.matches("\\S+") || name.startsWith("#")) {
      throw new ConfigException("A key's name has no white space.");
    }
    Set<Scope> granted;
    try {
      granted = ApiKey.scopes(scopes);
    } catch (IllegalArgumentException e) {
      throw new ConfigException(e.getMessage() + ".");
    }
    String key = ApiKey.random();
    System.out.println("key:  " + key);
    System.out.println("line: " + new ApiKey(name, granted, ApiKey.hash(key)).line());
    return 0;
  }
}
