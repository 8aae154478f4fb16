package io.gochat.client;

/**
 * A server as it is asked for. Immutable.
 *
 * @param host a name or an address
 * @param port for frames and HTTP alike
 */
record ServerName(String host, int port) {
  ServerName {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the host is empty");
    }
    if (port <= 0 || port > 65_535) {
      throw new IllegalArgumentException("a port is 1 … 65535, not " + port);
    }
  }

  /** Reads {@code host:port}, {@code 10.0.0.1:8080}, {@code [::1]:8080}. */
  static ServerName parse(String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon).replaceAll("^\\[|]$", "");
    String port = text.substring(colon + 1);
    if (!port.matches("\\d{1,5}")) {
      throw new IllegalArgumentException("a server is host:port, not " + text);
    }
    return new ServerName(host, Integer.parseInt(port));
  }

  /** For the header {@code Host}, and for people. */
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
