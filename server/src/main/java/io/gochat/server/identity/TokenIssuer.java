package io.gochat.server.identity;

import io.gochat.server.account.Accounts;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Makes what checks the tokens of an issuer. Stateless. */
public final class TokenIssuer {
  private static final Duration FETCHED_WITHIN = Duration.ofSeconds(5);

  private TokenIssuer() {}

  /** What tokens are counted by, judged by and kept with. */
  public record Surroundings(
      Accounts accounts, InstantSource clock, LongSupplier monotonicMs, MeterRegistry meters) {}

  /**
   * Tokens that are signed with the secret in this file.
   *
   * @throws IOException with what is wrong with it, for people
   */
  public static JwtTokens withSecret(Path file, JwtOptions options, Surroundings around)
      throws IOException {
    try {
      return tokens(new SharedSecret(Files.readAllBytes(file)), options, around);
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Tokens that are signed with the keys in this JWK set, a file or an http or https URL. A file must be right; behind a
   * URL there may be nobody yet.
   *
   * @throws IOException with what is wrong with it, for people
   */
  public static JwtTokens withKeys(String location, JwtOptions options, Surroundings around)
      throws IOException {
    boolean isRemote = location.startsWith("https://") || location.startsWith("http://");
    KeySource source;
    if (isRemote) {
      source = new HttpKeySource(URI.create(location), FETCHED_WITHIN);
    } else {
      Path file = Path.of(location);
      try {
        PublicKeys.parse(Files.readString(file));
      } catch (ParseException e) {
        throw new IOException("not a JWK set: " + e.getMessage(), e);
      }
      source = new FileKeySource(file);
    }
    Jwks jwks = new Jwks(source, around.monotonicMs());
    jwks.fetchAhead();
    return tokens(jwks, options, around);
  }

  private static JwtTokens tokens(SigningKeys keys, JwtOptions options, Surroundings around) {
    return new JwtTokens(keys, options, around.accounts(), around.clock(), around.meters());
  }
}
