package io.gochat.server.config;

/**
 * An address to listen on. Immutable.
 *
 * @param host a name or an address; one of IPv6 without brackets
 * @param port 0: the system picks one
 */
public record HostAndPort(String host, int port) {
  /** Reads {@code 127.0.0.1:9090}, {@code localhost:9090} and {@code [::1]:9090}. */
  static HostAndPort parse(String flag, String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = ""; // which colon is the last would be a guess
    }
    String digits = text.substring(colon + 1);
    if (host.isEmpty() || !digits.matches("\\d{1,5}")) {
      throw new ConfigException(
          flag + " must be HOST:PORT, such as 127.0.0.1:9090 or [::1]:9090, not " + text + ".");
    }
    return new HostAndPort(host, Check.range(flag, Integer.parseInt(digits), 0, 65_535));
  }
}
