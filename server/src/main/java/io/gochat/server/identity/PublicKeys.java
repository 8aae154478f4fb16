package io.gochat.server.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A set of public keys, RSA and EC; whatever else is in it is not used. Immutable. */
final class PublicKeys {
  static final PublicKeys NONE = new PublicKeys(new JWKSet());

  private static final Set<JWSAlgorithm> RSA = Set.of(
      JWSAlgorithm.RS256,
      JWSAlgorithm.RS384,
      JWSAlgorithm.RS512,
      JWSAlgorithm.PS256,
      JWSAlgorithm.PS384,
      JWSAlgorithm.PS512);
  private static final Set<JWSAlgorithm> EC =
      Set.of(JWSAlgorithm.ES256, JWSAlgorithm.ES384, JWSAlgorithm.ES512);
  private static final int MIN_RSA_BITS = 2_048;
  /** A token without key id is tried with so many keys at most. */
  private static final int MAX_TRIED = 8;

  private final JWKSet set;

  private PublicKeys(JWKSet set) {
    this.set = set;
  }

  /** Reads a JWK set. */
  static PublicKeys parse(String json) throws ParseException {
    try {
      PublicKeys keys = new PublicKeys(JWKSet.parse(json));
      if (keys.set.getKeys().stream()
          .noneMatch(key -> key instanceof RSAKey || key instanceof ECKey)) {
        throw new ParseException("no RSA or EC key in it", 0);
      }
      return keys;
    } catch (RuntimeException | StackOverflowError e) {
      throw new ParseException(e.toString(), 0); // whatever garbage makes of a parser
    }
  }

  /** Whether the algorithm is one that a public key can check. */
  static boolean isSupported(JWSAlgorithm algorithm) {
    return RSA.contains(algorithm) || EC.contains(algorithm);
  }

  /** Whether one of the keys is called as the header says; true when it says nothing. */
  boolean knows(JWSHeader header) {
    String id = header.getKeyID();
    return id == null || set.getKeys().stream().anyMatch(key -> id.equals(key.getKeyID()));
  }

  /** For the keys that may have signed this. */
  List<JWSVerifier> verifiers(JWSHeader header) {
    List<JWSVerifier> found = new ArrayList<>(1);
    for (JWK key : set.getKeys()) {
      JWSVerifier verifier = fits(key, header) ? verifier(key, header.getAlgorithm()) : null;
      if (verifier != null && found.size() < MAX_TRIED) {
        found.add(verifier);
      }
    }
    return found;
  }

  private static boolean fits(JWK key, JWSHeader header) {
    return (header.getKeyID() == null || header.getKeyID().equals(key.getKeyID()))
        && (key.getKeyUse() == null || KeyUse.SIGNATURE.equals(key.getKeyUse()))
        && (key.getAlgorithm() == null
            || Objects.equals(
                key.getAlgorithm().getName(), header.getAlgorithm().getName()));
  }

  // By the kind of the key, not by what the header claims: an HMAC with the text of a public key is
  // the oldest forgery there is.
  private static @Nullable JWSVerifier verifier(JWK key, JWSAlgorithm algorithm) {
    try {
      if (key instanceof RSAKey rsa && RSA.contains(algorithm) && rsa.size() >= MIN_RSA_BITS) {
        return new RSASSAVerifier(rsa);
      }
      if (key instanceof ECKey ec && EC.contains(algorithm)) {
        JWSVerifier verifier = new ECDSAVerifier(ec);
        return verifier.supportedJWSAlgorithms().contains(algorithm) ? verifier : null;
      }
      return null;
    } catch (JOSEException e) {
      return null; // a key that its own library cannot use fits nothing
    }
  }
}
