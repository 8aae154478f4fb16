package io.gochat.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;

/**
 * What the page's files want to know of a request. Immutable.
 *
 * @param path the path, without its query
 * @param known the tags of what the browser has already, as sent; empty: none
 * @param takesGzip whether the answer may be compressed
 */
record PageRequest(String path, String known, boolean takesGzip) {
  static PageRequest of(String path, HttpHeaders headers) {
    return new PageRequest(
        path,
        String.join(",", headers.getAll(HttpHeaderNames.IF_NONE_MATCH)),
        takesGzip(String.join(",", headers.getAll(HttpHeaderNames.ACCEPT_ENCODING))));
  }

  /** Whether the browser has what carries {@code tag}. Compared weakly, because a proxy may have compressed it. */
  boolean knows(String tag) {
    for (String one : known.split(",", -1)) {
      String stripped = one.strip();
      if (stripped.equals("*") || stripped.equals(tag) || stripped.equals("W/" + tag)) {
        return true;
      }
    }
    return false;
  }

  private static boolean takesGzip(String accepted) {
    for (String one : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = one.strip().split(";", 2);
      if (parts[0].strip().equals("gzip")) {
        return parts.length == 1 || !parts[1].strip().matches("q=0(\\.0*)?");
      }
    }
    return false;
  }
}
