package io.gochat.server.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/**
 * How tokens are made and named. Stateless apart from the random source, which is thread-safe. A token is 256 random
 * bits in base64url; only its SHA-256 is ever stored, so that who reads the store cannot sign in with what is there. A
 * fast hash will do: nobody guesses 256 random bits.
 */
final class Token {
  private static final int BYTES = 32;
  private static final int CHARS = 43;
  private static final MessageDigest SHA_256 = freshSha256();
  private static final SecureRandom RANDOM = new SecureRandom();

  private Token() {}

  static String random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Whether it could be one of ours; what could not is never looked up. */
  static boolean isWellFormed(String token) {
    if (token.length() != CHARS) {
      return false;
    }
    for (int i = 0; i < CHARS; i++) {
      char c = token.charAt(i);
      boolean known = (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || c == '-'
          || c == '_';
      if (!known) {
        return false;
      }
    }
    return true;
  }

  static String sessionId(String token) {
    MessageDigest digest = sha256();
    return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.US_ASCII)));
  }

  /** A copy of one that is never written to: each request asks, and looking for a provider costs more than the hash. */
  private static MessageDigest sha256() {
    try {
      return (MessageDigest) SHA_256.clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError("a provider's SHA-256 that cannot be copied", e);
    }
  }

  private static MessageDigest freshSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }
}
