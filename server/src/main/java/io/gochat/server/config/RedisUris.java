package io.gochat.server.config;

import java.util.List;

/** What we need to know about Redis URIs without a client. Stateless. */
public final class RedisUris {
  private static final List<String> SCHEMES =
      List.of("redis://", "rediss://", "redis-sentinel://", "redis-cluster://");

  private RedisUris() {}

  /** Whether it begins like a URI of Redis. */
  public static boolean looksRight(String uri) {
    return SCHEMES.stream()
        .anyMatch(scheme -> uri.startsWith(scheme) && uri.length() > scheme.length());
  }

  /** For logs: without user and password. */
  public static String withoutPassword(String uri) {
    int scheme = uri.indexOf("://");
    int at = uri.lastIndexOf('@');
    return scheme < 0 || at < scheme ? uri : uri.substring(0, scheme + 3) + uri.substring(at + 1);
  }
}
