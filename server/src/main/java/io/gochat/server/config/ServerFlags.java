package io.gochat.server.config;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

/** All flags of a server, one mixin per subject. Filled by picocli, then read once. */
@Command
public final class ServerFlags {
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
  private final PublishFlags publishing = new PublishFlags();

  @Mixin
  private final ChannelFlags channels = new ChannelFlags();

  @Mixin
  private final MemoryFlags memory = new MemoryFlags();

  /**
   * What the flags stand for; the environment fills in for those that are not given.
   *
   * @throws ConfigException when a flag is unknown, out of range or contradicts another
   */
  public static ServerConfig parse(String[] flags, Map<String, String> environment) {
    ServerFlags parsed = new ServerFlags();
    EnvironmentDefaults defaults = new EnvironmentDefaults(environment);
    CommandLine commandLine = new CommandLine(parsed)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setDefaultValueProvider(defaults);
    try {
      commandLine.parseArgs(flags);
    } catch (ParameterException e) {
      throw new ConfigException(defaults.sentence(e));
    }
    return parsed.config();
  }

  /**
   * What was filled in, checked.
   *
   * @throws ConfigException when a flag is out of range or contradicts another
   */
  public ServerConfig config() {
    return new ServerConfig(
        network.config(),
        tls.config(),
        store.config(),
        accounts.config(),
        identity.config(),
        admin.config(),
        publishing.config(),
        channels.config(),
        memory.config());
  }
}
