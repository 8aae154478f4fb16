package io.gochat.server.webhook;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A secret that a server and an endpoint share, and the signature after Standard Webhooks that it makes. Confined to one
 * thread.
 */
final class Secret {
  private static final String PREFIX = "whsec_";
  private static final int LEAST_BYTES = 24;
  private static final int MOST_BYTES = 64;
  private static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;

  private Secret(byte[] key) {
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(key, ALGORITHM));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new AssertionError("every Java has " + ALGORITHM, e);
    }
  }

  /** Of {@code whsec_} and Base64. */
  static Secret parse(String text) {
    return new Secret(bytes(text));
  }

  /** Refuses what is no secret with an {@link IllegalArgumentException}, which does not quote it. */
  static void check(String text) {
    bytes(text);
  }

  private static byte[] bytes(String text) {
    if (!text.startsWith(PREFIX)) {
      throw new IllegalArgumentException("a secret must begin with " + PREFIX);
    }
    byte[] key;
    try {
      key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("behind " + PREFIX + " a secret must be Base64");
    }
    if (key.length < LEAST_BYTES || key.length > MOST_BYTES) {
      throw new IllegalArgumentException(
          "a secret must have " + LEAST_BYTES + " to " + MOST_BYTES + " bytes, not " + key.length);
    }
    return key;
  }

  /** The value of {@code webhook-signature} for this secret. */
  String sign(String id, long timestamp, byte[] body) {
    mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
    return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
  }
}
