package io.gochat.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A secret that issuer and server share: HS256 alone. Immutable. */
final class SharedSecret implements SigningKeys {
  /** As long as the hash, below which HS256 must not be used (RFC 7518, 3.2). */
  static final int MIN_BYTES = 32;

  private final byte[] secret;

  /** Takes the bytes of a file, without one newline at their end. */
  SharedSecret(byte[] file) {
    int length = file.length;
    if (length > 0 && file[length - 1] == '\n') {
      length--;
    }
    this.secret = Arrays.copyOf(file, length);
    if (length < MIN_BYTES) {
      throw new IllegalArgumentException("holds " + length + " bytes, at least 32 are needed");
    }
  }

  @Override
  public CompletableFuture<List<JWSVerifier>> verifiers(JWSHeader header) {
    if (!JWSAlgorithm.HS256.equals(header.getAlgorithm())) {
      return CompletableFuture.completedFuture(List.of());
    }
    try {
      return CompletableFuture.completedFuture(List.of(new MACVerifier(secret)));
    } catch (JOSEException e) {
      throw new IllegalStateException("a secret that was long enough", e);
    }
  }
}
