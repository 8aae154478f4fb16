package io.gochat.server.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Whom others vouch for. Immutable.
 *
 * @param apiKeys the file of the programs that may act
 * @param tokens whose tokens are accepted beside our own; empty: nobody's
 */
public record IdentityConfig(Optional<Path> apiKeys, Optional<Tokens> tokens) {
  /**
   * Tokens of elsewhere.
   *
   * @param keys what they are signed with
   * @param issuer what they must name as their issuer; empty: anything
   * @param audience whom they must be for; empty: anybody
   * @param usernameClaim the claim that is the user's name here
   */
  public record Tokens(
      Keys keys, Optional<String> issuer, Optional<String> audience, String usernameClaim) {}

  /** What tokens are signed with. */
  public sealed interface Keys {}

  /** A secret that issuer and server share. */
  public record SecretFile(Path file) implements Keys {}

  /** The issuer's public keys: a file, or an http or https URL. */
  public record KeySet(String location) implements Keys {}
}
