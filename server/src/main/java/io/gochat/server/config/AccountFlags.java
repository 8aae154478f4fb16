package io.gochat.server.config;

import java.time.Duration;
import picocli.CommandLine.Option;

/** The flags about passwords, logins and sessions. Filled by picocli, then read once. */
final class AccountFlags {
  @Option(
      names = "--bcrypt-cost",
      paramLabel = "N",
      defaultValue = "10",
      description = "Work of one login, 4 to 20; one more doubles it.")
  private int bcryptCost;

  @Option(
      names = "--session-ttl",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = Quantity.OfTime.class,
      description = "How long a token lives after it was last used.")
  private Duration sessionTtl = Duration.ZERO;

  @Option(
      names = "--logins-per-minute",
      paramLabel = "N",
      defaultValue = "300",
      description =
          "Logins per name and address, right or wrong, and ten times that per address. 0: no limit."
              + FlagDefaults.RELOADED)
  private int logins;

  @Option(
      names = "--login-failures-per-minute",
      paramLabel = "N",
      defaultValue = "10",
      description =
          "Failed logins per name and address, and ten times that per address. 0: no limit."
              + FlagDefaults.RELOADED)
  private int loginFailures;

  @Option(
      names = "--registrations-per-minute",
      paramLabel = "N",
      defaultValue = "0",
      description = "Registrations per address. 0: no limit." + FlagDefaults.RELOADED)
  private int registrations;

  @Option(
      names = "--registration",
      paramLabel = "WHO",
      defaultValue = "open",
      description =
          "open: anybody may register. closed: accounts are made by the operator, and at the first sight of a token of"
              + " elsewhere."
              + FlagDefaults.RELOADED)
  private Registration registration = Registration.OPEN;

  private enum Registration {
    OPEN,
    CLOSED
  }

  AccountConfig config() {
    return new AccountConfig(
        Check.range("--bcrypt-cost", bcryptCost, 4, 20),
        Check.atLeast("--session-ttl", sessionTtl, Duration.ofMillis(100)),
        Check.range("--logins-per-minute", logins, 0, 100_000_000),
        Check.range("--login-failures-per-minute", loginFailures, 0, 100_000_000),
        Check.range("--registrations-per-minute", registrations, 0, 100_000_000),
        registration == Registration.OPEN);
  }
}
