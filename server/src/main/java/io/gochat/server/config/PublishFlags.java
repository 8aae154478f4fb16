package io.gochat.server.config;

import picocli.CommandLine.Option;

/** The flags about how fast one user may publish. Filled by picocli, then read once. */
final class PublishFlags {
  @Option(
      names = "--publish-rate",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Messages a second that one user may publish, on each node by itself. 0: no limit."
              + FlagDefaults.RELOADED)
  private int perSecond;

  @Option(
      names = "--publish-burst",
      paramLabel = "N",
      defaultValue = "0",
      description = "Messages that one user may publish at once. 0: as many as in ten seconds."
          + FlagDefaults.RELOADED)
  private int burst;

  PublishConfig config() {
    int rate = Check.range("--publish-rate", perSecond, 0, 1_000_000);
    int atOnce = Check.range("--publish-burst", burst, 0, 10_000_000);
    if (rate == 0 && atOnce > 0) {
      throw new ConfigException("--publish-burst needs --publish-rate.");
    }
    return new PublishConfig(rate, atOnce == 0 ? 10 * rate : atOnce);
  }
}
