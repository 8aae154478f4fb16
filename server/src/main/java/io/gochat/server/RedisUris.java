package io.gochat.server;

import java.util.List;

/** What we need to know about Redis URIs without a client. Stateless. */
final class RedisUris {
  private static final List<String> SCHEMES =
      List.of("redis://", "rediss://", "redis-sentinel://", "redis-cluster://");

  private RedisUris() {}

  static boolean looksRight(String uri) {
    return SCHEMES.stream()
        .anyMatch(scheme -> uri.startsWith(scheme) && uri.length() > scheme.length());
  }

  /** For logs: without user and password. */
  static String withoutPassword(String uri) {
    int scheme = uri.indexOf("://");
    int at = uri.lastIndexOf('@');
    return scheme < 0 || at < scheme ? uri : uri.substring(0, scheme + 3) + uri.substring(at + 1);
  }
}
