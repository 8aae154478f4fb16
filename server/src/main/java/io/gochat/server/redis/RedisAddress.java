package io.gochat.server.redis;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where Redis is, as {@code --redis} says it. Immutable. What stands before the last {@code @} is user and password,
 * whatever signs they hold: a password with a slash or an at sign is one that people have. {@link #toString} shows neither.
 */
public final class RedisAddress {
  private static final Pattern SHAPE = Pattern.compile(
      "(redis|rediss|redis-sentinel|rediss-sentinel|redis-cluster|rediss-cluster)://(?:(.*)@)?([^@]+)",
      Pattern.DOTALL);
  private static final String EXPECTED =
      "must start with redis://, rediss://, redis-sentinel:// or redis-cluster://";

  private final String scheme;
  private final String credentials;
  private final String place;

  private RedisAddress(String scheme, String credentials, String place) {
    this.scheme = scheme;
    this.credentials = credentials;
    this.place = place;
  }

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException when it is none; the message says what is expected, and nothing of what was given
   */
  public static RedisAddress parse(String text) {
    Matcher shape = SHAPE.matcher(text);
    if (!shape.matches() || shape.group(3).startsWith("/")) {
      throw new IllegalArgumentException(EXPECTED);
    }
    String credentials = shape.group(2);
    return new RedisAddress(
        shape.group(1), credentials == null ? "" : encoded(credentials), shape.group(3));
  }

  // A colon between the two stays as it is; the rest is
  // written so that no parser takes it for something else.
  private static String encoded(String credentials) {
    int colon = credentials.indexOf(':');
    if (colon < 0) {
      return percent(credentials) + "@";
    }
    return percent(credentials.substring(0, colon)) + ":"
        + percent(credentials.substring(colon + 1)) + "@";
  }

  private static String percent(String given) {
    String plain = given;
    try {
      plain = URLDecoder.decode(given.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // A percent sign that begins no escape is one of the password's own.
    }
    return URLEncoder.encode(plain, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * One URI per address, with user and password: not for logs. Sentinels stay in one; what the scheme says of a cluster
   * is asked of Redis itself.
   */
  List<String> uris() {
    String start = scheme.replace("-cluster", "") + "://" + credentials;
    int slash = place.indexOf('/');
    int question = place.indexOf('?');
    int end = slash >= 0 ? slash : question >= 0 ? question : place.length();
    String hosts = place.substring(0, end);
    if (scheme.contains("sentinel") || !hosts.contains(",")) {
      return List.of(start + place);
    }
    List<String> uris = new ArrayList<>();
    for (String host : hosts.split(",", -1)) {
      uris.add(start + host.trim() + place.substring(end));
    }
    return uris;
  }

  /** Whether Redis is spoken with over TLS. */
  boolean isTls() {
    return scheme.startsWith("rediss");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RedisAddress address
        && scheme.equals(address.scheme)
        && credentials.equals(address.credentials)
        && place.equals(address.place);
  }

  @Override
  public int hashCode() {
    return Objects.hash(scheme, credentials, place);
  }

  /** For logs: without user and password. */
  @Override
  public String toString() {
    return scheme + "://" + place;
  }
}
