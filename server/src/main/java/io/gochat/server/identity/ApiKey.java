package io.gochat.server.identity;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A program that may act, as a line of the file of keys says it. Immutable.
 *
 * @param name of the service that it publishes as
 * @param scopes what it may do
 * @param sha256 of the key, in lower-case hexadecimal; the key itself is never kept
 */
public record ApiKey(String name, Set<Scope> scopes, String sha256) {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int BYTES = 32;

  public ApiKey {
    scopes = Set.copyOf(scopes);
  }

  /** Whether it may do what takes this scope. */
  public boolean may(Scope scope) {
    return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
  }

  /**
   * Reads a line: {@code name scope[,scope…] sha256}.
   *
   * @throws IllegalArgumentException with what is wrong with it, for people
   */
  static ApiKey parse(String line) {
    String[] parts = line.strip().split("\\s+", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("not a name, scopes and a hash");
    }
    String hash = parts[2].toLowerCase(Locale.ROOT);
    if (!hash.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException("the hash is not 64 hexadecimal digits");
    }
    return new ApiKey(parts[0], scopes(parts[1]), hash);
  }

  /**
   * Reads {@code publish,read}.
   *
   * @throws IllegalArgumentException when one of them is none
   */
  public static Set<Scope> scopes(String words) {
    EnumSet<Scope> scopes = EnumSet.noneOf(Scope.class);
    for (String word : words.split(",", -1)) {
      scopes.add(Arrays.stream(Scope.values())
          .filter(scope -> scope.word().equals(word))
          .findFirst()
          .orElseThrow(() -> new IllegalArgumentException(
              "\"" + word + "\" is no scope: publish, read or admin")));
    }
    return scopes;
  }

  /** A new key, to be shown once. */
  public static String random() {
    byte[] bytes = new byte[BYTES];
    RANDOM.nextBytes(bytes);
    return "gck_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** What is kept of a key. A fast hash will do: nobody guesses 256 random bits. */
  public static String hash(String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Its line in the file of keys. */
  public String line() {
    return name + " " + scopes.stream().sorted().map(Scope::word).collect(Collectors.joining(","))
        + " " + sha256;
  }
}
