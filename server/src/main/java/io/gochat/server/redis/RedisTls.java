package io.gochat.server.redis;

import io.lettuce.core.SslOptions;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whom to believe that he is Redis, and who we are, where the address is {@code rediss://}. Immutable.
 *
 * @param ca PEM certificates of the authorities that may have signed that of Redis; empty: those that Java knows
 * @param certificate PEM chain of our own certificate; empty: we show none
 * @param key PEM of its key, PKCS#8
 */
public record RedisTls(Optional<Path> ca, Optional<Path> certificate, Optional<Path> key) {
  /** What Java believes, and no certificate of our own. */
  public static final RedisTls NONE =
      new RedisTls(Optional.empty(), Optional.empty(), Optional.empty());

  public RedisTls {
    if (certificate.isPresent() != key.isPresent()) {
      throw new IllegalArgumentException("a certificate needs its key, and a key its certificate");
    }
  }

  /** Whether anything was said. */
  boolean isGiven() {
    return ca.isPresent() || certificate.isPresent();
  }

  SslOptions options() {
    SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
    ca.ifPresent(file -> options.trustManager(file.toFile()));
    certificate.ifPresent(
        file -> options.keyManager(file.toFile(), key.orElseThrow().toFile(), new char[0]));
    return options.build();
  }
}
