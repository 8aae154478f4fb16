package io.gochat.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags about those whom others vouch for. Filled by picocli, then read once. */
final class IdentityFlags {
  @Option(
      names = "--api-keys",
      paramLabel = "FILE",
      description =
          "Programs that may act, a line each: name scope[,scope] sha256-of-the-key; 'gochat key' makes one."
              + " Read again when it changes.")
  private @Nullable Path apiKeys;

  @Option(
      names = "--jwt-secret-file",
      paramLabel = "FILE",
      description =
          "Accept JWTs that are signed (HS256) with the bytes of this file, without one newline at its"
              + " end; at least 32.")
  private @Nullable Path secretFile;

  @Option(
      names = "--jwt-jwks",
      paramLabel = "URL|FILE",
      description =
          "Accept JWTs that are signed (RS, PS, ES) with a key of this JWK set, which is read again now"
              + " and then.")
  private @Nullable String keySet;

  @Option(
      names = "--jwt-issuer",
      paramLabel = "NAME",
      description = "What JWTs must name as their issuer. By default that is not looked at.")
  private @Nullable String issuer;

  @Option(
      names = "--jwt-audience",
      paramLabel = "NAME",
      description = "Whom JWTs must be for. By default that is not looked at.")
  private @Nullable String audience;

  @Option(
      names = "--jwt-username-claim",
      paramLabel = "NAME",
      defaultValue = "sub",
      description = "The claim of a JWT that is the user's name here.")
  private String usernameClaim = "sub";

  IdentityConfig config() {
    return new IdentityConfig(Optional.ofNullable(apiKeys), tokens());
  }

  private Optional<IdentityConfig.Tokens> tokens() {
    if (secretFile != null && keySet != null) {
      throw new ConfigException("--jwt-secret-file and --jwt-jwks: only one of them.");
    }
    if (secretFile == null && keySet == null) {
      if (issuer != null || audience != null) {
        throw new ConfigException(
            "--jwt-issuer and --jwt-audience need --jwt-secret-file or --jwt-jwks.");
      }
      return Optional.empty();
    }
    IdentityConfig.Keys keys = secretFile == null
        ? new IdentityConfig.KeySet(checkedLocation(String.valueOf(keySet)))
        : new IdentityConfig.SecretFile(secretFile);
    return Optional.of(new IdentityConfig.Tokens(
        keys,
        Optional.ofNullable(issuer).map(name -> Check.notBlank("--jwt-issuer", name)),
        Optional.ofNullable(audience).map(name -> Check.notBlank("--jwt-audience", name)),
        Check.notBlank("--jwt-username-claim", usernameClaim)));
  }

  private static String checkedLocation(String location) {
    if (location.matches("https?://.*")) {
      try {
        if (URI.create(location).getHost() == null) {
          throw new ConfigException("--jwt-jwks=" + location + " names no host.");
        }
      } catch (IllegalArgumentException e) {
        throw new ConfigException("--jwt-jwks=" + location + " is no URL.");
      }
    }
    return Check.notBlank("--jwt-jwks", location);
  }
}
