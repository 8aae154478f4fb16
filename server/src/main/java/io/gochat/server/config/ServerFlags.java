package io.gochat.server.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** All flags of a server, one mixin per subject. Filled by picocli, then read once. */
@Command
public final class ServerFlags {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Flags that are neither here nor in the environment, one a line: port=8080."
          + FlagDefaults.RELOADED)
  @SuppressWarnings("UnusedVariable") // read before the others, by FlagDefaults; here for the help
  private @Nullable Path config;

  @Mixin
  private final LogFlags log = new LogFlags();

  @Mixin
  private final NetworkFlags network = new NetworkFlags();

  @Mixin
  private final TlsFlags tls = new TlsFlags();

  @Mixin
  private final StoreFlags store = new StoreFlags();

  @Mixin
  private final AccountFlags accounts = new AccountFlags();

  @Mixin
  private final IdentityFlags identity = new IdentityFlags();

  @Mixin
  private final AdminFlags admin = new AdminFlags();

  @Mixin
  private final WebhookFlags webhooks = new WebhookFlags();

  @Mixin
  private final PublishFlags publishing = new PublishFlags();

  @Mixin
  private final ChannelFlags channels = new ChannelFlags();

  @Mixin
  private final MemoryFlags memory = new MemoryFlags();

  /**
   * What the flags stand for, as on the command line; the environment is not looked at.
   *
   * @throws ConfigException when a flag is unknown, out of range or contradicts another
   */
  public static ServerConfig parse(String... flags) {
    return parse(flags, Map.of());
  }

  /**
   * What the flags stand for; the environment fills in for those that are not given.
   *
   * @throws ConfigException when a flag is unknown, out of range or contradicts another
   */
  public static ServerConfig parse(String[] flags, Map<String, String> environment) {
    return read(List.of(flags), FlagDefaults.of(List.of(flags), environment)).config();
  }

  /**
   * As {@link #parse}, with where else values come from.
   *
   * @throws ConfigException when a flag is unknown, out of range or contradicts another
   */
  public static Reading read(List<String> flags, FlagDefaults defaults) {
    ServerFlags parsed = new ServerFlags();
    CommandLine commandLine = new CommandLine(parsed)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setDefaultValueProvider(defaults);
    try {
      commandLine.parseArgs(flags.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new ConfigException(defaults.sentence(e));
    }
    return new Reading(parsed.config(), defaults.given(commandLine.getParseResult()));
  }

  /** Whether SIGHUP reads this flag again, as its description says. */
  public static boolean isReloaded(String flag) {
    OptionSpec option = new CommandLine(new ServerFlags()).getCommandSpec().findOption(flag);
    return option != null
        && !flag.equals("--config")
        && String.join("", option.description()).endsWith(FlagDefaults.RELOADED);
  }

  /**
   * What was read, and what of it is not the default.
   *
   * @param config checked
   * @param given as it was written
   */
  public record Reading(ServerConfig config, GivenFlags given) {}

  /**
   * What was filled in, checked.
   *
   * @throws ConfigException when a flag is out of range or contradicts another
   */
  public ServerConfig config() {
    return new ServerConfig(
        log.config(),
        network.config(),
        tls.config(),
        store.config(),
        accounts.config(),
        identity.config(),
        admin.config(),
        webhooks.config(),
        publishing.config(),
        channels.config(),
        memory.config());
  }
}
